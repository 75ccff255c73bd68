// Fragments of a page that the server sends anew (htmx): what became of a command, a list under other filters.
import "htmx.org/dist/htmx.esm.min.js";
