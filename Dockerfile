# One image for web, worker and beat; what each runs stands in docker-compose.yml.
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap git nodejs npm openssh-client procps tmux \
    && rm -rf /var/lib/apt/lists/*
# The agent programs of the team, from the npm registry.
ARG AGENT_PROGRAMS="@anthropic-ai/claude-code"
RUN npm install --global ${AGENT_PROGRAMS}

# The locked versions first: this layer is built again only when they change.
COPY requirements.lock /usr/src/
RUN pip install --no-cache-dir --require-hashes --requirement=/usr/src/requirements.lock
COPY . /usr/src/hephaestus
RUN pip install --no-cache-dir --no-deps --no-build-isolation /usr/src/hephaestus \
    && rm -r /usr/src/hephaestus /usr/src/requirements.lock

ARG UID=1000
RUN useradd --uid=${UID} --create-home hephaestus \
    && install --directory --owner=hephaestus --mode=0700 /var/lib/hephaestus
USER hephaestus
VOLUME /var/lib/hephaestus
