# One image for every process of Acquis; the command decides which one it is.
# Temporal, PostgreSQL, the object store and the mail relay run apart: compose.yaml.

FROM python:3.13-slim-bookworm AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
# The tools that fetch fonts and build the wheel, in an environment that stays behind in this stage.
COPY requirements.lock ./
RUN python -m venv tools && tools/bin/pip install --quiet --require-hashes --requirement requirements.lock
# What runs, in the environment that the next stage takes over.
COPY requirements-production.lock ./
RUN python -m venv /opt/acquis \
    && /opt/acquis/bin/pip install --quiet --require-hashes --no-deps --requirement requirements-production.lock
COPY pyproject.toml README.md LICENSE package.json package-lock.json .npmrc ./
COPY portfolio_templates portfolio_templates
COPY services services
RUN tools/bin/python -m services.assets \
    && tools/bin/pip wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir wheel . \
    && /opt/acquis/bin/pip install --quiet --no-deps --no-index wheel/acquis-*.whl

FROM python:3.13-slim-bookworm
RUN apt-get update --quiet \
    && apt-get install --quiet --no-install-recommends --yes \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /tmp acquis \
    && install --directory --owner=acquis /tmp/acquis-staging
COPY --from=build /opt/acquis /opt/acquis
ENV PATH=/opt/acquis/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ACQUIS_MODE=production
USER acquis
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["acquis", "serve"]
