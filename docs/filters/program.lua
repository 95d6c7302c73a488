-- program.lua: reads a program and says what each line is: prose, one that
-- makes it talk (told), or known from another program; and colours it.
local common = require 'common'
local book, stop, html, escape = common.book, common.stop, common.html, common.escape
local read, lines_of = common.read, common.lines_of

-- ---------------------------------------------------------------- code

-- Each line of a program as HTML, coloured by pandoc's highlighter. We
-- remove the empty link that pandoc puts before every line (it would get
-- between the lines when code is copied) and the marks for which
-- handout.css has no style (they would take half of the time).
local marked = { kw = 'kw', cf = 'kw', dt = 'dt', co = 'co', pp = 'pp',
  st = 'st', ch = 'st', sc = 'st', im = 'pp' }

local function mark(class, text)
  return marked[class] and ('<span class="%s">%s</span>'):format(marked[class], text) or text
end

local function highlighted(lines, language)
  local out = {}
  local page = pandoc.write(pandoc.Pandoc {
    pandoc.CodeBlock(table.concat(lines, '\n'), pandoc.Attr('', { language })),
  }, 'html')
  local code = page:match '<code class="sourceCode[^>]*>(.*)</code>' or ''
  for line in (code .. '\n'):gmatch '([^\n]*)\n' do
    out[#out + 1] = line:gsub('<a href="#cb[^>]*></a>', '')
      :gsub('^<span id="cb[%d-]+">', ''):gsub('</span>$', '')
      :gsub('<span class="(%a+)">([^<]*)</span>', mark)
      :gsub('(<span class="st">[^<]*)</span><span class="st">', '%1')
  end
  if #out ~= #lines then -- no highlighter for this language
    for i, line in ipairs(lines) do out[i] = escape(line) end
  end
  return out
end

-- C code that stands in a chapter itself: declarations of calls.
local function declaration(block)
  if not block.classes:includes 'c' then return end
  return html(common.part('declaration',
    { code = table.concat(highlighted(lines_of(block.text), 'c'), '\n') }))
end

-- Which lines of `new` are in `old` already: the longest common
-- subsequence, matched as early as possible. If a run of new lines could
-- just as well begin earlier, because the lines before it are the same as
-- its last ones, it is moved up, at most until it begins with prose.
local function known_lines(new, old)
  local longest = {}
  for i = #new + 1, 1, -1 do
    longest[i] = {}
    for j = #old + 1, 1, -1 do
      if i > #new or j > #old then longest[i][j] = 0
      elseif new[i] == old[j] then longest[i][j] = longest[i + 1][j + 1] + 1
      else longest[i][j] = math.max(longest[i + 1][j], longest[i][j + 1]) end
    end
  end
  local known, i, j = {}, 1, 1
  while i <= #new and j <= #old do
    if new[i] == old[j] then known[i] = true; i, j = i + 1, j + 1
    elseif longest[i + 1][j] >= longest[i][j + 1] then i = i + 1
    else j = j + 1 end
  end
  local first = 1
  while first <= #new do
    local last = first
    while last < #new and not known[last + 1] do last = last + 1 end
    if known[first] then first = first + 1
    else
      local from, to = first, last
      while from > 1 and known[from - 1] and new[from - 1] == new[to]
          and not new[from]:match '^%s*//' do
        from, to = from - 1, to - 1
        known[from], known[to + 1] = nil, true
      end
      first = last + 1
    end
  end
  return known
end

local languages = {
  c = { name = 'c', prose = '//' }, h = { name = 'c', prose = '//' },
  py = { name = 'python', prose = '#' }, sh = { name = 'bash', prose = '#' },
}

-- The lines that make a lesson talk: narrate.h and the #defines directly
-- above it. Without them the program does the same.
local function told_lines(lines)
  local told, n = {}, 1
  while lines[n] and lines[n] ~= '#include "narrate.h"' do n = n + 1 end
  if not lines[n] then return told end
  repeat
    told[n] = true
    n = n - 1
  until n == 0 or not lines[n]:match '^#define '
  return told
end

-- A program in steps: prose, and the code up to the next prose. `program`
-- keeps what it returns, since several chapters ask for the same.
local function read_program(name)
  local path = book.meta.lessons .. '/' .. name
  local source = read(path)
  if not source then
    stop('%s is not there: the marker "weave" names a file that does not exist',
      path)
  end
  local language = languages[name:match '%.(%a+)$'] or languages.sh
  local mark = '^%s*' .. language.prose
  local p = { name = name, lines = lines_of(source), prose = {},
    title = source:match '#define TITLE "(.-)"', head = {}, steps = {} }
  p.html = highlighted(p.lines, language.name)
  p.told = told_lines(p.lines)
  local n = 1
  if p.lines[1]:match '^#!' then n = 2 end
  if (p.lines[n] or ''):match(mark .. ' # ') then
    while (p.lines[n] or ''):match(mark) do
      p.prose[n] = true
      p.head[#p.head + 1] = p.lines[n]:gsub(mark .. ' ?', '')
      n = n + 1
    end
    p.heading = table.remove(p.head, 1):gsub('^# ', '')
    if p.lines[1]:match '^#!' then n = 1 end
  end
  p.first = n -- the line after its head
  while (p.lines[p.first] or 'x') == '' do p.first = p.first + 1 end
  local step
  for i = n, #p.lines do
    local prose = p.lines[i]:match(mark .. ' ') or p.lines[i]:match(mark .. '$')
    if not step or (prose and #step.code > 0) then
      step = { prose = {}, code = {} }
      table.insert(p.steps, step)
    end
    if prose then
      p.prose[i] = true
      table.insert(step.prose, i)
    elseif not p.prose[i] then
      table.insert(step.code, i)
    end
  end
  return p
end

local programs = {}

local function program(name)
  programs[name] = programs[name] or read_program(name)
  return programs[name]
end

-- The prose of a program. Its headings are not headings of the book.
local function markdown(lines)
  local blocks = pandoc.read(table.concat(lines, '\n'), 'markdown').blocks
  for i, block in ipairs(blocks) do
    if block.t == 'Header' then
      blocks[i] = pandoc.Para { pandoc.Strong(block.content) }
    end
  end
  return blocks
end

local function prose_of(p, step)
  local text = {}
  for _, i in ipairs(step.prose) do
    text[#text + 1] = p.lines[i]:gsub('^%s*%S+ ?', '', 1)
  end
  return markdown(text)
end

return { program = program, known_lines = known_lines,
  markdown = markdown, highlighted = highlighted, prose_of = prose_of, declaration = declaration }
