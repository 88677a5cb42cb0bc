# The front door. `make help` lists what there is; CI calls nothing else.
#   PYTHON=python3.12   which Python makes .venv        TORCH=cpu   PyTorch's small build, without CUDA
#   N=01                only notebooks whose name begins so (lessons, check, pass)
#   WITH=medicine       with the packages of a field, too (lab, learner); WITH=fields: of all fields
#   N=30 NAMES= HOST= PORT= CERT= KEY= MEMORY= AT_ONCE= ADMIN= PLACE=   for a hub: docs/hub.md explains them

PYTHON ?= python3
TORCH ?=
N ?=
FOR ?=
WITH ?=
name ?=

ifeq ($(OS),Windows_NT)
RUN = .venv/Scripts/python
else
RUN = .venv/bin/python
endif
INSTALL = $(PYTHON) course/install.py --torch "$(TORCH)" --extras

unexport PYTHONDONTWRITEBYTECODE # compiling fastai and torch anew for every lesson takes a quarter of a minute
comma := ,
said = $(foreach name,$(1),$(if $(findstring command,$(origin $(name))),--$(shell echo $(name) | tr A-Z a-z) "$($(name))"))
.DEFAULT_GOAL := help
.PHONY: help play lab test test-all ci-page lessons check pass lib learner solutions bench folds wheel clean new-lesson rename newest lock install install-book install-dev install-hub hub hub-remove book plans slides kit colab

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

play: install ## run lesson 1 from start to end and say how it went (the first time, it installs the course)
	@$(RUN) -m course.play

lab: learner ## open the lessons in JupyterLab, in copies you can write in
	@$(RUN) -m course.lab

learner: install ## make or update those copies (learner/); never overwrites your work
	@$(RUN) -m course.learner

solutions: install ## the instructor's copies (solutions/): with outputs, solutions, notes, and the keys to the quizzes
	@$(RUN) -m course.learner --solutions

book: install-book ## the website, build/book/index.html: opens from the disk, needs no network
	@$(RUN) -m course.book

plans: install ## write the instructors' page, docs/instructors.md
	@$(RUN) -m course.plans

slides: install-book ## a deck for each lesson, build/slides/index.html (N=01: that one)
	@$(RUN) -m course.slides $(N)

kit: install-dev ## one folder for a room without a network, build/kit/ (FOR=macos,windows: packages for them, too)
	@$(RUN) -m course.kit --torch "$(TORCH)" --for "$(FOR)"

colab: install-dev ## copies for Google Colab, build/learner/: for Drive, or for the branch that Colab opens
	@$(RUN) -m course.colab

hub: install-hub ## a class on one server, as root: JupyterHub with N=30 learners or NAMES=names.txt (docs/hub.md)
	@$(RUN) -m course.hub --learners "$(N)" --names "$(NAMES)" $(call said,HOST PORT CERT KEY MEMORY ADMIN PLACE DATA) $(if $(AT_ONCE),--at-once "$(AT_ONCE)")

hub-remove: install-hub ## remove the accounts of a hub; asks first, and keeps what they left in an archive
	@$(RUN) -m course.hub --remove --names "$(NAMES)" $(call said,PLACE) $(if $(YES),--yes)

test: install-dev ## every check and test, and every lesson run once against the built wheel
	@$(RUN) -m course.suite

test-all: install-dev ## the same, with what takes long and seldom breaks: the kit, real photographs, all copies
	@$(RUN) -m course.suite --all

ci-page: install-dev ## write benchmarks/ci.md from the last `make test`
	@$(RUN) -m benchmarks.ci

lessons: install-dev ## run every notebook from a fresh kernel and write its outputs (N=01: that one)
	@$(RUN) -m course.execute $(N)

check: install-dev ## check the notebooks without running them (N=01: that one)
	@$(RUN) -m course.check $(N)

pass: install-dev ## the full pass alone: run and compare the notebooks against the wheel (N=01: that one)
	@$(RUN) -m course.full_pass $(N)

lib: install-dev ## write whole_game/, the lesson index and the glossary from the notebooks and docs/glossary.md
	@$(RUN) -m course.sync --write

bench: install-dev ## measure lesson 1's speed and the learner's own code, and write benchmarks/lesson_01.md and own_code.md
	@$(RUN) -m benchmarks.bench
	@$(RUN) -m benchmarks.bench_own

folds: install-dev ## measure how hard the paintings are, over folds that leave sources out
	@$(RUN) -m benchmarks.paintings_folds

wheel: install-dev ## build the wheel in build/wheel/
	@$(RUN) -c "from course.wheels import build_wheel; print(build_wheel())"

new-lesson: install-dev ## begin a lesson with all it has: make new-lesson N=45 name=what_is_in_a_scan
	@$(RUN) -m course.new_lesson "$(N)" "$(name)"

rename: install-dev ## give a lesson another number or name, everywhere: make rename N=32 to=33_a_small_resnet
	@$(RUN) -m course.rename "$(N)" "$(to)"

newest: install-dev ## make test-all with the versions that are there, and the text of an issue when it breaks (delete .venv first to get the newest)
	@$(RUN) -m course.newest

lock: install-dev ## write locked/linux-py311.txt: one set of versions that belong together (needs the network)
	@$$(command -v uv || echo .venv/bin/uv) pip compile pyproject.toml --extra lessons --extra dev --upgrade --python-version 3.11 --python-platform x86_64-unknown-linux-gnu \
		--annotation-style line --custom-compile-command "make lock" --quiet --output-file locked/linux-py311.txt

clean: ## delete what was built; keeps .venv, learner/ and the prepared data
	rm -rf build dist whole_game.egg-info .pytest_cache

install:
	@$(INSTALL) lessons$(if $(WITH),$(comma)$(WITH))

install-book:
	@$(INSTALL) lessons,book

install-hub:
	@$(INSTALL) lessons,fields,hub

install-dev:
	@$(INSTALL) lessons,dev
