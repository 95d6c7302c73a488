# Every target is listed by `make help`.
CC = cc
CFLAGS = -O1 -g -Wall -Wextra
LESSONS = $(patsubst lessons/%.c,build/%,$(wildcard lessons/[0-9]*.c))

# The packet sockets of lesson 13 are Linux's own.
ifneq ($(shell uname),Linux)
LESSONS := $(filter-out build/13_%,$(LESSONS))
endif

lessons: $(LESSONS) ## compile every lesson to build/ (the default)

build/%: lessons/%.c lessons/narrate.h $(wildcard lessons/narrator/*.h)
	@mkdir -p build
	$(CC) $(CFLAGS) $< -o $@

# The narrator for any program, for scripts/narrate. ld.so(8).
build/narrate.so: lessons/narrator/preload.c $(wildcard lessons/narrator/*.h)
	@mkdir -p build
	$(CC) -O2 -g -std=c11 -Wall -Wextra -fPIC -shared -fvisibility=hidden \
	    -ftls-model=initial-exec $< -o $@.new -ldl -pthread
	@mv $@.new $@

demo: lessons ## play the lessons, both sides, in one terminal
	@scripts/demo

test: ## run every test; installs what most of them need
	@scripts/test

bench: ## measure, against something simpler; rows in build/bench.csv
	@scripts/bench

handout: ## make the book: PDF, HTML and EPUB (CHAPTER=03, PAPER=letter)
	@scripts/handout

check: ## try the exercises in lessons/mistakes (one: make check-05)
	@scripts/check

check-%:
	@scripts/check $*

report: ## make a lab report: make report LESSON=06
	@scripts/report $(LESSON)

bare: ## print a lesson as a plain program: make bare LESSON=05_connect
	@scripts/bare $(LESSON)

clean: ## remove what was built
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1 /p' Makefile | \
	    while read -r name what; do printf '%-9s %s\n' "$$name" "$$what"; done

.PHONY: lessons demo test bench handout check report \
    bare clean help
