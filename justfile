# Recipes for whoever changes nanobot. `just` lists them; CONTRIBUTING.md explains them.

default:
    @just --list

# What must pass before a change is done: format, lints, documentation, every test.
check:
    .ci/run

# Format, and compile with all lints, tests included.
lint:
    cargo fmt
    cargo clippy --locked --all-targets -- -D warnings

# The unit tests, or those whose names contain NAME: a few seconds once they are built.
unit NAME='':
    cargo test --locked --lib {{NAME}}

# The integration tests whose names contain NAME, against a real homeserver.
integration NAME:
    cargo test --locked --test integration {{NAME}}

# Redraw what is generated and checked in: completions, manual pages, schemas, tables, screens.
generate:
    NANOBOT_REWRITE=1 cargo test --locked --test integration -- shipped:: screens::

# Many random histories through the intake, for a minute.
model:
    NANOBOT_MODEL_SECONDS=60 cargo test --locked --lib intake::model

# Round trips, bursts, memory and start-up against the homeserver's own floor.
bench:
    cargo build --release --locked
    cargo run --release --locked --example bench -- --program target/release/nanobot --rounds 25

# The README's picture.
picture:
    cargo run --release --locked --example picture

# Lines of code of each room: without tests, comments and blank lines.
count:
    .ci/count
