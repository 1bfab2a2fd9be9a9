# make run    an environment, the index of manuals/, three questions answered, then the bot: in Slack with
#             the tokens of .env, without any in a workspace in the browser
# make test   every test, on as many cores as there are, four at most (make test ARGS="-k passages" some of them)
# make lint   linters and types
# make clean  remove the environment and the index

VENV        ?= .venv
MANUALS     ?= manuals/
ARGS        ?=
# The Python to use (PYTHON=python3.12), and where torch without CUDA comes from; see .ci/install.
export PYTHON TORCH_INDEX

BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

define QUESTIONS
How often does the coffee machine want to be descaled?
Paper is stuck at E-5 on the printer. How do they get it out?
How do I switch on the UPS without mains power?
endef
export QUESTIONS

.PHONY: run test lint clean

run: $(STAMP)
	@$(BIN)/manualbot index $(MANUALS)
	@printf '%s\n' "$$QUESTIONS" | $(BIN)/manualbot chat
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/manualbot run; fi

test: $(STAMP)
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Made once, and again when the dependencies change.
$(STAMP): pyproject.toml .ci/install
	@.ci/install $(VENV) -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
