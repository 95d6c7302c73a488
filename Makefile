# `make help` lists the targets. Each file is made under another name and
# renamed when complete, so that two makes may run at once.
CC = cc
CFLAGS = -g -Wall -Wextra
# We use none of make's built-in rules: not to try them saves time.
MAKEFLAGS += -rR

# The files of an archive are as old as its commit. So what an older archive
# was built into may be younger than they are, and yet not made from them.
ifneq ($(wildcard VERSION),)
ifneq ($(shell cat VERSION),$(shell cat build/VERSION 2>&-))
$(shell rm -rf build; mkdir build; cp VERSION build)
endif
endif

LESSONS = $(patsubst lessons/%.c,build/%,$(wildcard lessons/[0-9]*.c))

# Only Linux has the packet sockets of lesson 13 and the epoll of 23.
ifeq ($(findstring linux,$(MAKE_HOST)),)
LINUX := $(filter build/13_% build/23_%,$(LESSONS))
LESSONS := $(filter-out $(LINUX),$(LESSONS))
endif

lessons: $(LESSONS) ## compile every lesson to build/ (the default)

$(LINUX):
	@echo '$(@F) needs Linux' >&2; false

# What a lesson includes.
NARRATOR = $(wildcard lessons/narrator/*.h lessons/narrator/*.def)

build/%: lessons/%.c lessons/narrate.h $(NARRATOR)
	@mkdir -p build
	$(CC) -DNARRATE_PLAYER $(CFLAGS) $< -o $@.$$$$ && mv $@.$$$$ $@

# The narrator for any program, for scripts/narrate. ld.so(8).
build/narrate.so: lessons/narrator/preload/preload.c $(NARRATOR) $(wildcard lessons/narrator/preload/*)
	@mkdir -p build
	$(CC) -O2 -g -std=c11 -Wall -Wextra -fPIC -shared -fvisibility=hidden \
	    -fno-omit-frame-pointer \
	    -ftls-model=initial-exec $< -o $@.$$$$ -ldl -pthread && mv $@.$$$$ $@

# For the tests: programs that wait or talk to the lessons, solutions that
# students might hand in, and the lessons under gcc's sanitizers.
MENDED = $(patsubst tests/%.diff,build/%.c,$(wildcard tests/mended/*/*.diff))
tools: $(addprefix build/tests/,until free_port peer crowd landlock) $(MENDED)

.SECONDEXPANSION:
build/mended/%.c: tests/mended/%.diff $$(wildcard lessons/mistakes/$$(*D)_*/as_shipped.c)
	@mkdir -p $(@D)
	@patch -s -o $@.$$$$ lessons/mistakes/$(*D)_*/as_shipped.c $< && mv $@.$$$$ $@

build/sanitized/%: lessons/%.c lessons/narrate.h $(NARRATOR)
	@mkdir -p build/sanitized
	gcc -DNARRATE_PLAYER -g -fsanitize=address,undefined \
	    -fno-sanitize-recover=all $< -o $@.$$$$ && mv $@.$$$$ $@

build/tests/%: tests/support/%.c
	@mkdir -p build/tests
	$(CC) -O1 -Wall -Wextra $< -o $@.$$$$ && mv $@.$$$$ $@

# A server without SO_REUSEADDR, for a scene. Lines are emptied, not
# removed, so that the others keep their numbers.
build/%-no-reuse.c: lessons/%.c
	@mkdir -p build
	@sed -e 's/^ *int on = 1;$$//' \
	    -e '/setsockopt(.*SO_REUSEADDR/,/^    }$$/s/.*//' $< >$@.$$$$ && mv $@.$$$$ $@

# Lesson 23 with room for 16 bytes, and then edge-triggered, for a scene.
build/23_epoll_server-level.c: lessons/23_epoll_server.c
	@mkdir -p build
	@sed 's/ROOM = 64 \* 1024,/ROOM = 16,/' $< >$@.$$$$ && mv $@.$$$$ $@

build/23_epoll_server-edge.c: build/23_epoll_server-level.c
	@sed '/ADD, connected/s/EPOLLIN/EPOLLIN | EPOLLET/' $< >$@.$$$$ && mv $@.$$$$ $@

# Lesson 11 with another limit, for scripts/classroom --idle.
build/11_many_clients-idle-%.c: lessons/11_many_clients.c
	@mkdir -p build
	@sed 's/ IDLE = 600,/ IDLE = $*,/' $< >$@.$$$$ && \
	    grep -q ' IDLE = $*,' $@.$$$$ && mv $@.$$$$ $@

build/%: build/%.c lessons/narrate.h $(NARRATOR)
	$(CC) -DNARRATE_PLAYER $(CFLAGS) -I lessons $< -o $@.$$$$ && mv $@.$$$$ $@

# What several parts of the scripts need.
COMMON = $(patsubst scripts/%.c,build/%.o,$(wildcard scripts/common/*.c))

build/common/%.o: scripts/common/%.c $(wildcard scripts/common/*.h)
	@mkdir -p $(@D)
	$(CC) -O1 -g -std=c11 -Wall -Wextra -c $< -o $@.$$$$ && mv $@.$$$$ $@

# The player and its stage, which need nothing but a compiler.
PLAYER = $(patsubst scripts/%.c,build/player/%.o,$(wildcard scripts/play/*.c scripts/stage/*.c))

build/player/%.o: scripts/%.c $(wildcard scripts/play/*.h scripts/stage/*.h scripts/common/*.h)
	@mkdir -p $(@D)
	$(CC) -g -std=c11 -Wall -Wextra -c $< -o $@.$$$$ && mv $@.$$$$ $@

build/play: $(PLAYER) $(COMMON)
	$(CC) $^ -o $@.$$$$ && mv $@.$$$$ $@

# The classroom's board reads its server's narration with the player's code.
BOARD = $(addprefix build/class/,addresses.o board.o clients.o letters.o log.o \
    paint.o server.o) $(addprefix build/player/play/,keeper.o keys.o \
    lines.o programs.o records.o screen.o) $(COMMON)

build/class/%.o: scripts/class/%.c $(wildcard scripts/*/*.h)
	@mkdir -p $(@D)
	$(CC) -O1 -g -std=c11 -Wall -Wextra -c $< -o $@.$$$$ && mv $@.$$$$ $@

# The simulated class of scripts/classroom; the cable of scripts/lab.
build/network/%.o: scripts/network/%.c $(wildcard scripts/common/*.h)
	@mkdir -p $(@D)
	$(CC) -O1 -g -std=c11 -Wall -Wextra -c $< -o $@.$$$$ && mv $@.$$$$ $@

build/board: $(BOARD)
build/crowd: build/class/crowd.o $(COMMON)
build/cable: build/network/cable.o $(COMMON)
build/board build/crowd build/cable:
	$(CC) $^ -o $@.$$$$ && mv $@.$$$$ $@

# The judges: one an exercise, one a task; the pair that scripts/report runs;
# what enters the room or closes the fence. scripts/judge/build makes them.
EXERCISES = $(patsubst scripts/judge/exercises/%.c,build/judge/%,$(wildcard scripts/judge/exercises/*.c))
TASKS = $(patsubst scripts/judge/tasks/%.c,build/judge/%,$(wildcard scripts/judge/tasks/*.c))
JUDGE = $(patsubst scripts/%.c,build/%.o,$(filter-out %/judge.c %/pair.c \
    %/enter.c %/calls.c,$(wildcard scripts/judge/*.c))) $(COMMON)

build/judge/%.o: scripts/judge/%.c $(wildcard scripts/judge/*.h scripts/common/*.h)
	@mkdir -p $(@D)
	$(CC) -O1 -g -std=c11 -Wall -Wextra -c $< -o $@.$$$$ && mv $@.$$$$ $@

$(EXERCISES): build/judge/%: build/judge/exercises/%.o build/judge/judge.o $(JUDGE)
$(TASKS): build/judge/%: build/judge/tasks/%.o build/judge/judge.o $(JUDGE)
build/judge/pair: build/judge/pair.o $(JUDGE)
build/judge/enter: $(addprefix build/,$(addprefix judge/,enter.o calls.o \
    fence.o system.o) common/signals.o)
$(EXERCISES) $(TASKS) build/judge/pair build/judge/enter:
	$(CC) $^ -o $@.$$$$ && mv $@.$$$$ $@

demo: ## play the lessons, both sides, in one terminal
	@scripts/demo

test: ## run the tests of the first tier; installs what most need
	@scripts/dev/test

test-all: ## run every test: sanitizers, valgrind, each compiler, too
	@scripts/dev/test -a

bench: ## measure, compared with something simpler; rows in build/bench.csv
	@scripts/dev/bench

handout: ## make the book: site, PDF, EPUB, sheet (PERIOD=1, CHAPTERS='00-04 07')
	@scripts/dev/handout

slides: ## make slides for a lecture: build/slides/06.html (LESSON=06)
	@LESSON=$(LESSON) scripts/dev/handout slides

quiz: ## items for an exam: build/quiz.gift for Moodle, quiz.pdf (LESSONS=01-07)
	@scripts/dev/handout quiz

site: ## make the book's web site alone: build/site/index.html
	@scripts/dev/handout site

check: ## try the exercises and tasks in lessons/ (one: make check-05)
	@scripts/check

check-%:
	@scripts/check $*

report: ## make a lab report: make report LESSON=06
	@scripts/report $(LESSON)

student-archive: ## pack what students get: build/sockets.tar.gz
	@scripts/dev/archive

bare: ## print a lesson as a plain program: make bare LESSON=05_connect
	@scripts/bare $(LESSON)

clean: ## remove what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | \
	    while read -r name what; do printf '%-15s %s\n' "$$name" "$$what"; done

.PHONY: lessons tools demo test test-all bench handout site slides quiz check report \
    student-archive bare clean help
