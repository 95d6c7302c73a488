-- book.lua: makes the book out of chapters, lessons and recorded runs.
--
-- A pandoc filter (2.17 and later); the other files of this folder are
-- its parts. scripts/dev/handout gives it the chapters as one document, each
-- after a marker that names its file. The chapters use these markers:
--
--   ::: {.weave file="03_listen.c" after="02_bind.c"}   annotated listing;
--         fold=true: on paper, a known step takes one line
--   ::: {.weave file="03_listen.c" after="…" whole=true}  plain, for copying
--   ::: {.programs}                                     all of them, whole
--   ::: {.calls names="listen accept"}   signatures, from docs/calls.txt
--   ::: {.calls table=true}              the table of all calls
--   ::: {.transcript file="03"}      docs/runs/03: what its programs told, after
--         its ladder if it has two sides
--   ::: {.steps file="03-queue"}     the same, on the screen only, after its words
--   ::: {.dump file="ss"}            docs/transcripts/ss.txt, unchanged
--   ::: {.tables file="x"}           docs/transcripts/x.md, as Markdown
--   ::: {.errors calls="bind listen" only="EACCES"}     what failed calls mean
--   ::: {.errors all=true}                              all of them
--   ::: {.exercises}                 a table whose rows begin with mistakes or
--         tasks: its last column says after which lesson
--   ::: {.inshort}                   the end of a chapter; what can be mended
--         or written after a lesson follows
--   ::: {.tryit}                     the chapter's questions to try (questions.lua)
--   ::: {.answers}                   the answers to those of all chapters here
--   ::: {.questions lessons="01-05" for="class"}   for the notes: a table of
--         what is asked, with answers; with form="true or false" a list
--   ::: {.index}                     the index; without it, at the end
--   [word]{.term}                    explained here; goes to the index
--   [word]{.idx key="entry"}         goes to the index
--   [](#id)                          filled in: Figure 3.1, chapter 03
--
-- A name that does not exist stops the build with one line that says so.
--
-- For the web page, it writes to the folder that the metadata call `steps`
-- what the step player reads of each run.
--
-- Metadata that it reads: lessons, runs, transcripts, errors (paths); partial,
-- set when only some chapters are made; kind: `chapter` for a single
-- chapter, or for what is not the book: programs, sheet, notes.

package.path = PANDOC_SCRIPT_FILE:match '^(.*/)' .. '?.lua;' .. package.path

local common = require 'common'
local book, stop, text_of = common.book, common.stop, common.text_of
local meta = book.meta
local program = require 'program'
local listing = require 'listing'
local transcript = require 'transcript'
local errors = require 'errors'
local exercises = require 'exercises'
local questions = require 'questions'
local calls = require 'calls'
local figures = require 'figures'
local numbers = require 'numbers'
local index = require 'index'
local prose = require 'prose'
local number = numbers.number
-- Tables in Markdown that a script has written to docs/transcripts.
local function tables(file)
  local path = meta.transcripts .. '/' .. file .. '.md'
  local words = common.read(path)
  if not words then stop('the marker "tables" asks for %s, which is not there', path) end
  return pandoc.read(words, 'markdown').blocks
end

-- ------------------------------------------------- first pass: markers

local lesson = 'NN_lesson'

local function expand(div)
  local a = div.attributes
  if div.classes:includes 'weave' then
    if not a.file then stop 'the marker "weave" names no file' end
    local p = program.program(a.file)
    lesson = a.file:match '^(.*)%.%a+$'
    if a.whole then return listing.whole(p, a.after and program.program(a.after)) end
    return listing.annotated(p, a.after and program.program(a.after), a.fold)
  elseif div.classes:includes 'programs' then
    local out = pandoc.List {}
    for _, name in ipairs(meta.programs) do out:extend(listing.complete(program.program(name))) end
    return out
  elseif div.classes:includes 'transcript' then
    return transcript.transcript(a.file or stop 'the marker "transcript" names no file')
  elseif div.classes:includes 'steps' then
    return transcript.beside(a.file or stop 'the marker "steps" names no file', div.content)
  elseif div.classes:includes 'dump' then
    return transcript.dump(a.file or stop 'the marker "dump" names no file')
  elseif div.classes:includes 'tables' then
    return tables(a.file or stop 'the marker "tables" names no file')
  elseif div.classes:includes 'calls' then
    return calls.expand(a)
  elseif div.classes:includes 'errors' then
    return errors.errors(a, lesson)
  elseif div.classes:includes 'questions' then
    return questions.marked(a)
  elseif div.classes:includes 'tryit' then
    local tried = questions.tries(('%02d'):format(number.file))
    if #tried == 0 then stop 'this chapter has no question to try in docs/questions' end
    div.content = { pandoc.OrderedList(tried) }
    return div
  elseif div.classes:includes 'exercises' then
    return pandoc.walk_block(div, { Table = exercises.column }).content
  end
end

-- ------------------------------------------------------------ the book

local function each(blocks, filters)
  local holder = pandoc.Div(blocks)
  for _, filter in ipairs(filters) do holder = pandoc.walk_block(holder, filter) end
  return holder.content
end

local answers_to = {} -- id of the heading above some answers: their chapter

-- The answers to the questions to try of a chapter, under their heading.
local function answers_of(chapter)
  local _, answers = questions.tries(chapter)
  if #answers == 0 then return {} end
  local id = 'answers-' .. chapter
  answers_to[id] = chapter
  local title = pandoc.read('## ' .. questions.of(chapter).title, 'markdown').blocks[1]
  return { pandoc.Header(2, title.content, pandoc.Attr(id)), pandoc.OrderedList(answers) }
end

-- Looks at all chapters first. Answers to chapters that are not made are
-- left out, unless there are only answers. And in a chapter that holds a
-- whole program no caption may stand in the margin: a reader who copies
-- the program would copy it too.
local function prepared(blocks)
  local present, asked, out, file = {}, false, pandoc.List {}, nil
  for _, block in ipairs(blocks) do
    if block.t == 'Div' and block.classes:includes 'from' then
      file = block.attributes.file
      local chapter = file:match '(%d+)[^/]*$' or ''
      present[chapter] = true
      asked = asked or #questions.tries(chapter) > 0
    elseif block.t == 'Div' and block.attributes.whole then
      book.holds_whole[file] = true
    end
  end
  for _, block in ipairs(blocks) do
    if block.t ~= 'Div' or not block.classes:includes 'answers' then out:insert(block)
    else
      for chapter in (meta.chapters or ''):gmatch '%f[%w](%d%d)%-' do
        if present[chapter] or not asked then out:extend(answers_of(chapter)) end
      end
    end
  end
  return out
end

-- On the screen, each question of a chapter has its answer under it, folded,
-- if the answers are in this book. The copy has no names of its own.
local function answered(blocks)
  local answers, of = {}, nil
  for _, block in ipairs(blocks) do
    if block.t == 'Header' then of = answers_to[block.identifier]
    elseif of and block.t == 'OrderedList' then answers[of] = answers[of] or block.content
    end
  end
  local nameless = { Span = function(s) s.identifier = '' return s end }
  return each(blocks, { { Div = function(div)
    local mine = answers[div.attributes.chapter or '']
    if not div.classes:includes 'tryit' then return end
    div.attributes.chapter = nil
    for _, block in ipairs(mine and div.content or {}) do
      if block.t == 'OrderedList' then
        for i, item in ipairs(block.content) do
          item:insert(common.html(common.part 'answer'))
          item:extend(each(mine[i] or {}, { nameless }))
          item:insert(common.html(common.part 'answer-end'))
        end
      end
    end
    return div
  end } })
end

function Pandoc(doc)
  for _, key in ipairs { 'lessons', 'runs', 'transcripts', 'errors', 'chapters', 'kind', 'partial', 'left', 'steps' } do
    meta[key] = doc.meta[key] and text_of(doc.meta[key])
    if meta[key] == '' then meta[key] = nil end
  end
  local complete = not meta.partial and not meta.kind
  meta.programs = {}
  for word in text_of(doc.meta.programs or ''):gmatch '%S+' do
    table.insert(meta.programs, word)
  end

  meta.in_print = errors.set_of(text_of(doc.meta['errors-in-print'] or '')) or {}

  local out, place = pandoc.List {}, nil
  local blocks = prepared(doc.blocks)
  number.file = 0
  for _, block in ipairs(blocks) do
    if block.t == 'Div' and block.classes:includes 'from' then
      book.at = block.attributes.file
      number.file = tonumber(book.at:match '(%d+)[^/]*$') or 0
    elseif block.t == 'Div' and block.classes:includes 'index' then
      place = #out + 1
      out:insert(block)
    elseif block.t == 'Header' then
      local h = numbers.header(block)
      out:extend(each({ h }, { { Span = index.span, Link = numbers.link } }))
    else
      -- A short paragraph that introduces a listing stays with it.
      local before = out[#out]
      if block.t == 'Div' and block.classes:includes 'weave' and before
          and before.t == 'Para' and #text_of(before) < 200 then
        out[#out] = pandoc.Div({ before }, pandoc.Attr('', { 'lead' }))
      end
      local new = { block }
      if block.t == 'Div' and block.classes:includes 'inshort' then
        new[2] = exercises.next_ones(('%02d'):format(number.file))
      end
      out:extend(each(new, {
        { Div = expand }, { Div = prose.boxed },
        { Para = figures.paragraph, Figure = figures.figure3, Table = figures.tabled,
          CodeBlock = program.declaration },
        { Span = index.span, Link = numbers.link, Code = index.name },
        { Para = index.used, Plain = index.used },
        { Str = prose.capitals }, { Code = prose.unbroken },
      }))
    end
  end

  for _, t in ipairs(numbers.targets) do
    if not numbers.labels[t.id] and complete then
      local found = false
      for _, b in ipairs(out) do
        pandoc.walk_block(pandoc.Div { b }, {
          Header = function(h) if h.identifier == t.id then found = true end end,
          Div = function(d) if d.identifier == t.id then found = true end end,
          Span = function(s) if s.identifier == t.id then found = true end end,
        })
      end
      if not found then
        book.at = t.at
        stop('a link goes to #%s, which is nowhere in the book', t.id)
      end
    end
  end
  book.at = 'the handout'
  if complete then
    for _, name in ipairs(meta.programs) do
      if not listing.shown[name] then
        stop('%s/%s is in no chapter: add ::: {.weave file="%s"} to one',
          meta.lessons, name, name)
      end
    end
  end

  doc.blocks = each(out, { { Link = numbers.crossreference } })
  if meta.steps then doc.blocks = answered(doc.blocks) end
  if place then
    doc.blocks[place] = index.index()
  elseif not meta.kind then
    doc.blocks:insert(pandoc.Header(1, 'Index', pandoc.Attr('index', { 'unnumbered' })))
    doc.blocks:insert(index.index())
  end
  if not book.epub then doc.meta.contents = index.contents(doc.blocks) end
  return doc
end
