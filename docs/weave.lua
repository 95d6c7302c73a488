-- weave.lua: makes the book out of chapters, lessons and transcripts.
--
-- A pandoc filter (2.17 and later). scripts/handout gives it all the
-- chapters as one document, each behind a marker that names its file.
-- What the chapters' own markers mean:
--
--   ::: {.weave file="03_listen.c" after="02_bind.c"}   annotated listing;
--         fold=true: on paper, steps that are known are one line each
--   ::: {.weave file="03_listen.c" whole=true}          for copying
--   ::: {.programs}                                     all of them, whole
--   ::: {.transcript file="03"}      docs/transcripts/03.txt, both sides
--   ::: {.dump file="ss"}            docs/transcripts/ss.txt, as it is
--   ::: {.tables file="x"}           docs/transcripts/x.md, as Markdown
--   ::: {.errors calls="bind listen" only="EACCES"}     what failed calls mean
--   ::: {.errors all=true}                              all of them
--   ::: {.index}                     the index; without it, at the end
--   [word]{.term}                    explained here; goes to the index
--   [word]{.idx key="entry"}         goes to the index
--   [text]{.side}                    a note in the margin
--   [](#id)                          filled in: Figure 3.1, chapter 03
--
-- Whatever names nothing stops the build with one line that names it.
--
-- Metadata that it reads: lessons, transcripts, errors (paths), and
-- chapter, which is set when only some chapters are made.

local epub = FORMAT:match '^epub' ~= nil
local meta = {}
local at = 'the handout' -- the chapter's file, for messages

local function stop(message, ...)
  io.stderr:write('handout: ', at, ': ', message:format(...), '\n')
  os.exit(1)
end

local function html(text) return pandoc.RawBlock('html', text) end
local function inline(text) return pandoc.RawInline('html', text) end
local function escape(text)
  return (text:gsub('[&<>"]', {
    ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;',
  }))
end
local function text_of(x) return pandoc.utils.stringify(x) end

local function read(path)
  local file = io.open(path, 'rb')
  if not file then return nil end
  local text = file:read 'a'
  file:close()
  return text
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch '([^\n]*)\n?' do lines[#lines + 1] = line end
  while lines[#lines] == '' do lines[#lines] = nil end
  return lines
end

-- ---------------------------------------------------------------- code

-- Each line of a program as HTML, coloured by pandoc's highlighter,
-- without the empty link that pandoc puts in front of every line (it
-- would get between the lines when code is copied) and without the
-- marks that handout.css gives no look (they cost half of the time).
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

-- Code in a chapter itself: the declarations of the calls.
local function declaration(block)
  if not block.classes:includes 'c' then return end
  return html('<pre class="declaration"><code>'
    .. table.concat(highlighted(lines_of(block.text), 'c'), '\n') .. '</code></pre>')
end

-- Which lines of `new` stand in `old` already: the longest common
-- subsequence, matched as early as possible. Where a run of new lines
-- could as well begin a few lines later (both begin alike), it is moved
-- so that it begins with prose or after a blank line.
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

-- The lines with which a lesson asks to be told: narrate.h and the
-- #defines directly above it. Without them the program is the same.
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

-- A program in steps: prose, and the code up to the next prose.
local function program(name)
  local path = meta.lessons .. '/' .. name
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

-- Prose of a program. Its headings are none of the book's.
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

-- The code of one step. Lines that are known, that are new and that ask
-- to be told come in runs; blank lines at the end are there for whoever
-- copies, but take no room.
local function code_html(p, step, known)
  local last = #step.code
  while last > 0 and p.lines[step.code[last]] == '' do last = last - 1 end
  local out, run, kind = {}, {}, nil
  local function flush()
    if #run > 0 then
      out[#out + 1] = ('<span class="%s">%s\n</span>')
        :format(kind, table.concat(run, '\n'))
    end
    run = {}
  end
  for k = 1, last do
    local i = step.code[k]
    local this = p.told[i] and 'told' or not known and 'only'
      or known[i] and 'known' or 'new'
    if p.lines[i] == '' and kind and kind ~= 'told' then this = kind end
    if this ~= kind then flush() end
    kind = this
    run[#run + 1] = (this == 'known' or this == 'told') and escape(p.lines[i])
      or p.html[i]
  end
  flush()
  if last < #step.code then
    out[#out + 1] = '<span class="gap">' .. ('\n'):rep(#step.code - last) .. '</span>'
  end
  return '<pre class="code"><code>' .. table.concat(out) .. '</code></pre>'
end

local shown = {}

local function annotated(p, after, fold)
  shown[p.name] = true
  local known = after and known_lines(p.lines, after.lines)
  local out = pandoc.List { html(('<figure class="weave" id="code-%s" data-file="%s">')
    :format(p.name, p.name)) }
  local caption = '<b>' .. escape(p.name) .. '</b>'
  if p.title then caption = caption .. ' ' .. escape(p.title) end
  local marks = {}
  if after then
    marks[1] = '<span class="mark-new">new</span>'
    marks[2] = ('<span class="mark-known">known from %s</span>'):format(escape(after.name))
  end
  if next(p.told) then
    marks[#marks + 1] = '<span class="mark-told">narrate.h: tells the calls</span>'
  end
  if #marks > 0 then caption = caption .. ' <i>' .. table.concat(marks, ' ') .. '</i>' end
  out:insert(html('<figcaption>' .. caption .. '</figcaption>'))
  if #p.head > 0 then
    out:insert(html '<div class="head">')
    out:extend(markdown(p.head))
    out:insert(html '</div>')
  end
  for _, step in ipairs(p.steps) do
    local fresh, prose_known = not known, known ~= nil
    for _, i in ipairs(step.code) do
      if known and not known[i] and p.lines[i] ~= '' and not p.told[i] then fresh = true end
    end
    for _, i in ipairs(step.prose) do
      if known and not known[i] then prose_known = false end
    end
    local said = #step.prose > 0 and not prose_known
    local folded = fold and not fresh and #step.prose > 0 and #step.prose < 3
    out:insert(html(('<div class="step%s%s">'):format(
      folded and ' fold' or said and ' said' or '', (fresh or said) and '' or ' old')))
    if said or folded then
      out:insert(html '<div class="prose">')
      out:extend(prose_of(p, step))
      out:insert(html '</div>')
    end
    out:insert(html(code_html(p, step, known) .. '</div>'))
  end
  out:insert(html '</figure>')
  return out
end

-- The whole file, for copying. It may break over pages, at its blank
-- lines; what stands around it is shaped like a comment.
local function whole(p)
  local out, run = {}, {}
  for i, line in ipairs(p.html) do
    run[#run + 1] = p.told[i] and '<span class="told">' .. escape(p.lines[i]) .. '</span>'
      or line
    if p.lines[i] == '' or i == #p.lines then
      out[#out + 1] = ('<span class="part%s">%s\n</span>'):format(
        #run > 14 and ' long' or '', table.concat(run, '\n'))
      run = {}
    end
  end
  local name = escape(p.name)
  return pandoc.List { html(([[<figure class="whole" data-file="%s">
<figcaption>/* %s */</figcaption>
<pre class="code"><code>%s</code></pre>
<p class="end">/* end of %s */</p></figure>]]):format(name, name,
    table.concat(out), name)) }
end

-- --------------------------------------------------------- transcripts

local function recorded(file)
  local path = meta.transcripts .. '/' .. file .. '.txt'
  local text = read(path)
  if not text then
    stop('%s is not there: record it with scripts/record, or mend the marker',
      path)
  end
  return lines_of(text)
end

-- What a line of a lesson is, for its look: the call, what it means, what
-- the kernel says; a line that was wrapped belongs to the one before. What
-- the program itself prints stands at its left edge.
local function kind_of(line, before)
  if line:match '^[ %d][ %d]%d  [%l_]+%(' then return 'call' end
  if line:match '^     kernel:' then return 'kernel' end
  if line:match '^             %S' and before == 'kernel' then return before end
  if line:match '^         %S' and before == 'call' then return before end
  if line:match '^     ' then return 'meaning' end
  return 'own'
end

local function transcript(file)
  local out, sides, count = {}, {}, 0
  local who, kind
  local function close()
    if who then out[#out + 1] = '</pre></div>' end
    who, kind = nil, nil
  end
  for _, line in ipairs(recorded(file)) do
    local name, rest = line:match '^%s*([%a][%w_ -]-)| ?(.*)$'
    if not name then
      close()
      if line ~= '' then
        local class = line:match '^%$ ' and 'typed' or 'scene'
        local words = line:gsub('^=+ *', ''):gsub(' *=+$', '')
        out[#out + 1] = ('<p class="%s">%s</p>'):format(class, escape(words))
      end
    else
      if not sides[name] then
        count = count + 1
        sides[name] = line:match '^%s' and 'right' or count % 2 == 1 and 'left' or 'right'
      end
      if name ~= who then
        close()
        who = name
        out[#out + 1] = ('<div class="turn %s"><b>%s</b><pre>')
          :format(sides[name], escape(name))
      end
      kind = rest == '' and 'blank' or kind_of(rest, kind)
      out[#out + 1] = ('<span class="%s">%s\n</span>')
        :format(kind, rest == '' and ' ' or escape(rest))
    end
  end
  close()
  return pandoc.List { html('<figure class="transcript" data-file="' .. escape(file)
    .. '">' .. table.concat(out) .. '</figure>') }
end

local function dump(file)
  local out = {}
  for _, line in ipairs(recorded(file)) do
    out[#out + 1] = line:match '^%$ ' and '<b>' .. escape(line) .. '</b>' or escape(line)
  end
  return pandoc.List { html('<figure class="dump"><pre>' .. table.concat(out, '\n')
    .. '</pre></figure>') }
end

-- -------------------------------------------------------------- errors

local function set_of(words)
  local set = {}
  for word in (words or ''):gmatch '%S+' do set[word] = true end
  return next(set) and set
end

local function error_rows()
  local text = read(meta.errors) or stop('%s is not there', meta.errors)
  local rows = {}
  for _, line in ipairs(lines_of(text)) do
    local row = {}
    for field in (line .. '\t'):gmatch '([^\t]*)\t' do row[#row + 1] = field end
    rows[#rows + 1] = row
  end
  return rows
end

-- A sentence of lessons/narrator/errors.h, which explains its marks. Here
-- all of them are known, so of [A|B] the first part stands.
local function sentence(text, lesson)
  local server = lesson:match 'server' or lesson:match 'receiver'
  local others = { server = 'client', client = 'server',
    receiver = 'sender', sender = 'receiver' }
  local other = lesson:gsub('(%a+)$', others)
  if not server and other == lesson then other = '05_connect' end
  if lesson == '05_connect' then other = '04_accept' end
  local values = { address = '127.0.0.1', port = '8888', words = '8888',
    where = '127.0.0.1:8888', lesson = lesson, other = other, handout = '' }
  text = escape(text):gsub('%[([^%]|]*)[^%]]*%]', '%1')
    :gsub('`([^`]*)`', '<code>%1</code>')
  return (text:gsub('{(%a+)}', values))
end

-- In a table of all errors a row speaks of the lesson of its first call.
local lesson_of = {
  connect = '05_connect', send = '06_send_recv_client',
  recv = '06_send_recv_client', sendto = '08_udp_sender',
  recvfrom = '08_udp_sender', getaddrinfo = '12_names',
}

-- The screen shows every row that is asked for; paper those that
-- handout.yaml names under errors-in-print, and of the others the names.
local function errors(attributes, lesson)
  local calls, only = set_of(attributes.calls), set_of(attributes.only)
  local all = attributes.all ~= nil
  if not calls and not all then stop('the marker "errors" names no calls') end
  local several = all or select(2, attributes.calls:gsub('%S+', '')) > 1
  local out, seen, rare = {}, {}, pandoc.List {}
  for _, row in ipairs(error_rows()) do
    local names, print = {}, false
    for call in row[1]:gmatch '%S+' do
      if all or calls[call] then
        names[#names + 1] = '<code>' .. escape(call) .. '</code>'
        seen[call] = true
        print = print or meta.in_print[call .. ':' .. row[2]]
      end
    end
    if #names > 0 and (not only or only[row[2]]) then
      seen[row[2]] = true
      local name = row[2]
      if not print and not rare:includes(name) then rare:insert(name) end
      local about = all and (lesson_of[row[1]:match '%S+'] or '04_accept') or lesson
      out[#out + 1] = ('<tr%s><td>%s<code class="errno">%s</code></td><td>%s</td><td>%s</td></tr>')
        :format(print and '' or ' class="screen"',
          several and table.concat(names, ', ') .. '<br/>' or '',
          escape(name), sentence(row[3], about), sentence(row[4], about))
    end
  end
  for _, asked in ipairs { calls or {}, only or {} } do
    for word in pairs(asked) do
      if not seen[word] then
        stop('%s/narrator has no row for %s, which the marker "errors" asks for',
          meta.lessons, word)
      end
    end
  end
  local rest = ''
  if #rare > 0 and not epub then
    rest = '<p class="paper">Rarer: <code>' .. table.concat(rare, '</code>, <code>')
      .. '</code>. A lesson explains each of these where it happens, and the web '
      .. 'page of this book has them all.</p>'
  end
  return pandoc.List { html([[<table class="errors]] .. (#rare == #out and ' screen' or '')
    .. [["><colgroup><col class="c1"/><col class="c2"/><col class="c3"/></colgroup>]]
    .. '<thead><tr><th>' .. (several and 'Call and error' or 'Error')
    .. '</th><th>What it means here</th><th>What to try</th></tr></thead><tbody>'
    .. table.concat(out, '\n') .. '</tbody></table>' .. rest) }
end

-- Tables that a script has recorded in Markdown.
local function tables(file)
  local path = meta.transcripts .. '/' .. file .. '.md'
  local text = read(path)
  if not text then stop('the marker "tables" asks for %s, which is not there', path) end
  return pandoc.read(text, 'markdown').blocks
end

-- ------------------------------------------------- first pass: markers

local lesson = 'NN_lesson'

local function expand(div)
  local a = div.attributes
  if div.classes:includes 'weave' then
    if not a.file then stop 'the marker "weave" names no file' end
    local p = program(a.file)
    lesson = a.file:match '^(.*)%.%a+$'
    if a.whole then return whole(p) end
    return annotated(p, a.after and program(a.after), a.fold)
  elseif div.classes:includes 'programs' then
    local out = pandoc.List {}
    for _, name in ipairs(meta.programs) do out:extend(whole(program(name))) end
    return out
  elseif div.classes:includes 'transcript' then
    return transcript(a.file or stop 'the marker "transcript" names no file')
  elseif div.classes:includes 'dump' then
    return dump(a.file or stop 'the marker "dump" names no file')
  elseif div.classes:includes 'tables' then
    return tables(a.file or stop 'the marker "tables" names no file')
  elseif div.classes:includes 'errors' then
    return errors(a, lesson)
  end
end

local titles = { tryit = '', note = 'Note', warning = 'Careful' }

local function boxed(div)
  for class, title in pairs(titles) do
    if div.classes:includes(class) then
      local label = div.attributes.title or title
      div.attributes.title = nil
      div.classes:insert 'box'
      if label ~= '' then
        div.content:insert(1, html('<p class="label">' .. escape(label) .. '</p>'))
      end
      return div
    end
  end
end

-- ------------------------------------------- second pass: numbers, ids

local labels, targets, entries, explained = {}, {}, {}, {}
local number = { chapter = 0, label = '', title = '', entries = 0, figure = 0, table = 0, appendix = 0 }

local function label(id, text)
  if not id or id == '' then return end
  if labels[id] then stop('#%s is the name of two places', id) end
  labels[id] = text
end

local function header(h)
  if h.level == 1 then
    number.title = text_of(h.content)
    local first = h.content[1]
    local typed = first and first.t == 'Str' and first.text:match '^%d%d$'
    number.figure, number.table = 0, 0
    if h.classes:includes 'unnumbered' or meta.chapter == 'notes' then
      number.label = ''
    elseif typed then
      number.chapter, number.label = tonumber(typed), typed
      h.content:remove(1)
      if h.content[1] and h.content[1].t == 'Space' then h.content:remove(1) end
    elseif number.file >= 90 then
      number.appendix = number.appendix + 1
      number.label = string.char(64 + number.appendix)
    else
      if number.file > 0 then number.chapter = number.chapter + 1 end
      number.label = ('%02d'):format(number.chapter)
    end
    local kind = number.file >= 90 and 'appendix' or 'chapter'
    label(h.identifier, number.label == '' and text_of(h.content)
      or kind .. ' ' .. number.label)
    h.classes:insert(kind)
    if number.label ~= '' then
      h.content:insert(1, inline('<span class="number">' .. number.label .. '</span> '))
    end
  else
    label(h.identifier, '“' .. text_of(h.content) .. '”')
  end
  return h
end

local function numbered(kind)
  number[kind] = number[kind] + 1
  local chapter = number.label:gsub('^0(%d)', '%1')
  return (chapter ~= '' and chapter .. '.' or '') .. number[kind]
end

local function image_source(src)
  local path = 'docs/' .. src
  local data = read(path)
  if not data then stop('%s is not there: a figure names a file that does not exist', path) end
  if epub then return path end
  local type = path:match '%.svg$' and 'svg+xml' or path:match '%.(%a+)$'
  return 'data:image/' .. type .. ',' .. data:gsub('[^%w%-._~ /:=;,()]', function(c)
    return ('%%%02X'):format(c:byte())
  end):gsub(' ', '%%20')
end

-- A figure, from an image that stands alone in its paragraph.
local function figure(image, id, caption, classes)
  local alt = image.attributes.alt or ''
  if alt == '' then
    stop('the figure %s has no text alternative: give it alt="…"', image.src)
  end
  local n = numbered 'figure'
  label(id, 'Figure ' .. n)
  local attributes = { alt = nil }
  if image.attributes.width then attributes.width = image.attributes.width end
  local words = pandoc.List { pandoc.Strong(pandoc.Str('Figure ' .. n .. '.')), pandoc.Space() }
  words:extend(caption)
  return pandoc.List {
    html(('<figure class="fig %s" id="%s"><figcaption>')
      :format(table.concat(classes, ' '), id)),
    pandoc.Plain(words), html '</figcaption>',
    pandoc.Plain { pandoc.Image({ pandoc.Str(alt) }, image_source(image.src), '',
      pandoc.Attr('', {}, attributes)) },
    html '</figure>',
  }
end

local function paragraph(p)
  if #p.content == 1 and p.content[1].t == 'Image' then
    local image = p.content[1]
    return figure(image, image.identifier, image.caption, image.classes)
  end
end

local function figure3(f) -- pandoc 3 has a block of its own
  local image
  pandoc.walk_block(pandoc.Div(f.content), { Image = function(i) image = i end })
  if not image then return end
  local id = f.identifier ~= '' and f.identifier or image.identifier
  local caption = pandoc.utils.blocks_to_inlines(f.caption.long)
  -- There the image's own text is its alternative, or else the caption.
  if not image.attributes.alt and text_of(image.caption) ~= text_of(caption) then
    image.attributes.alt = text_of(image.caption)
  end
  return figure(image, id, caption, image.classes)
end

-- On a phone the cells of a row stand one below the other: each says of
-- which column it is.
local function headed(t, row)
  local head = t.head.rows[1]
  for i, cell in ipairs(head and row.cells or {}) do
    local title = text_of(head.cells[i].contents)
    if i > 1 and title ~= '' then cell.attributes['data-label'] = title end
  end
end

local function tabled(t)
  local attr, rows = t.attr, 0
  for _, body in ipairs(t.bodies) do
    rows = rows + #body.body
    for _, row in ipairs(body.body) do headed(t, row) end
  end
  t.bodies = t.bodies
  if rows > 15 then attr.classes:insert 'long' end -- may break over pages
  -- From four columns on, a table uses the column of notes, too.
  if #t.colspecs > 3 then attr.classes:insert 'wide' end
  t.attr = attr
  local long = t.caption.long
  if #long == 0 then return t end
  local words = long[#long].content
  local id = #words > 0 and words[#words].t == 'Str' and words[#words].text:match '^{#(.*)}$'
  if id then
    words:remove()
    while #words > 0 and (words[#words].t == 'Space' or words[#words].t == 'SoftBreak') do
      words:remove()
    end
    t.attr = pandoc.Attr(id, attr.classes)
  end
  local n = numbered 'table'
  label(t.attr.identifier, 'Table ' .. n)
  long[1].content:insert(1, pandoc.Space())
  long[1].content:insert(1, pandoc.Strong(pandoc.Str('Table ' .. n .. '.')))
  t.caption.long = long
  return t
end

-- An entry of the index, at most one a chapter; `main` is the place that
-- explains the word. Returns the id for a new place.
local function entry(key, main)
  local list = entries[key] or {}
  entries[key] = list
  local last = list[#list]
  if last and last.chapter == number.label then
    last.main = last.main or main
    return nil
  end
  number.entries = number.entries + 1
  local id = 'ix-' .. number.entries
  list[#list + 1] = { id = id, chapter = number.label, main = main,
    where = number.label ~= '' and number.label or number.title }
  return id
end

local function span(s)
  local term = s.classes:includes 'term'
  if not term and not s.classes:includes 'idx' then return end
  local key = s.attributes.key
  s.attributes.key = nil
  local first = s.content[1]
  if first.t == 'Span' then first = first.content[1] end -- see `name`
  if first.t == 'Code' then
    key = '`' .. first.text
  elseif not key then
    key = text_of(s.content):gsub('(%l[^%us])s$', '%1')
  end
  s.identifier = entry(key, term) or ''
  if term and not key:match '^`' then
    explained[#explained + 1] = { key = key,
      pattern = '%f[%w]' .. key:gsub('%p', '%%%0') .. 's?%f[^%w]' }
  end
  return s
end

-- Words that were explained before go to the index wherever a paragraph
-- uses them; so do the names of calls, options and errors.
local function used(p)
  local text, out = text_of(p), pandoc.List {}
  for _, word in ipairs(explained) do
    if text:find(word.pattern) then
      local id = entry(word.key, false)
      if id then out:insert(id) end
    end
  end
  for _, id in ipairs(out) do
    p.content:insert(1, inline('<span id="' .. id .. '"></span>'))
  end
  return p
end

local function name(c)
  if meta.calls[c.text] or c.text:match '^E%u%u+$' or c.text:match '^%u+_[%u_%d]+$' then
    local id = entry('`' .. c.text,
      number.title:find('%f[%w_]' .. c.text .. '%f[^%w_]') ~= nil)
    if id then return pandoc.Span({ c }, pandoc.Attr(id)) end
  end
end

-- The places of a word that is used all over the book: where it is
-- explained is enough.
local function places(list)
  if #list <= 8 then return list end
  local main = {}
  for _, e in ipairs(list) do
    if e.main then main[#main + 1] = e end
  end
  return #main > 0 and main or { list[1] }
end

local function link(l)
  if l.target:match '^#' then
    targets[#targets + 1] = { id = l.target:sub(2), at = at }
  end
end

-- A margin note becomes a block in front of its paragraph: inside the
-- line, a float makes WeasyPrint's line too long. A footnote becomes a
-- span that print floats to the foot of the page.
local function hoisted(p)
  local notes, rest = pandoc.List {}, pandoc.List {}
  for _, x in ipairs(p.content) do
    if x.t == 'Span' and x.classes:includes 'side' then
      notes:insert(html '<aside class="side">')
      notes:insert(pandoc.Plain(x.content))
      notes:insert(html '</aside>')
    else
      rest:insert(x)
    end
  end
  if #notes == 0 then return end
  while #rest > 0 and rest[1].t:match '^S%a+' and rest[1].t:match 'Space' do rest:remove(1) end
  notes:insert(pandoc.Para(rest))
  return notes
end

local function footnote(n)
  if epub then return end
  local out = pandoc.List { inline '<span class="fn">' }
  out:extend(pandoc.utils.blocks_to_inlines(n.content))
  out:insert(inline '</span>')
  return out
end

-- Names such as LISTEN and SIGPIPE are never cut by a hyphen.
local function capitals(s)
  if s.text:match '%u%u%u%u' then
    return pandoc.Span({ s }, pandoc.Attr('', { 'name' }))
  end
end

local function crossreference(l)
  local id = l.target:match '^#(.*)'
  if not id then return end
  if not labels[id] and meta.chapter then -- it stands in another chapter
    return #l.content > 0 and l.content or pandoc.Str 'the book'
  end
  if #l.content == 0 and labels[id] then l.content = { pandoc.Str(labels[id]) } end
  l.classes:insert 'xref'
  return l
end

local function index()
  local keys, out, letter = {}, {}, nil
  for key in pairs(entries) do
    keys[#keys + 1] = key
  end
  local function fold(key) return (key:lower():gsub('[^%w]', '')) end
  table.sort(keys, function(a, b)
    if fold(a) ~= fold(b) then return fold(a) < fold(b) end
    return a < b
  end)
  out[1] = '<div class="index">'
  for _, key in ipairs(keys) do
    local first = fold(key):sub(1, 1):upper()
    if not first:match '%a' then first = '0–9' end
    if first ~= letter then
      if letter then out[#out + 1] = '</ul></div>' end
      out[#out + 1] = '<div class="letter"><p>' .. first .. '</p><ul>'
      letter = first
    end
    local links = {}
    for _, e in ipairs(places(entries[key])) do
      links[#links + 1] = ('<a class="page%s" href="#%s"><span>%s</span></a>')
        :format(e.main and ' main' or '', e.id, escape(e.where))
    end
    local code = key:match '^`(.*)'
    out[#out + 1] = ('<li>%s&#8195;%s</li>'):format(
      code and '<code>' .. escape(code) .. '</code>' or escape(key),
      table.concat(links))
  end
  if letter then out[#out + 1] = '</ul></div>' end
  out[#out + 1] = '</div>'
  return html(table.concat(out, '\n'))
end

-- ------------------------------------------------------------ the book

local function each(blocks, filters)
  local holder = pandoc.Div(blocks)
  for _, filter in ipairs(filters) do holder = pandoc.walk_block(holder, filter) end
  return holder.content
end

function Pandoc(doc)
  for _, key in ipairs { 'lessons', 'transcripts', 'errors', 'chapter' } do
    meta[key] = doc.meta[key] and text_of(doc.meta[key])
    if meta[key] == '' then meta[key] = nil end
  end
  meta.programs = {}
  for word in text_of(doc.meta.programs or ''):gmatch '%S+' do
    table.insert(meta.programs, word)
  end

  meta.calls = {}
  for _, row in ipairs(error_rows()) do
    for call in row[1]:gmatch '%S+' do meta.calls[call] = true end
  end
  for _, more in ipairs { 'htons', 'ntohs', 'htonl', 'ntohl', 'inet_ntop', 'poll',
    'getaddrinfo', 'fcntl', 'errno', 'ss', 'nc', 'strace', 'tcpdump' } do
    meta.calls[more] = true
  end
  meta.in_print = set_of(text_of(doc.meta['errors-in-print'] or '')) or {}

  local out, place = pandoc.List {}, nil
  number.file = 0
  for _, block in ipairs(doc.blocks) do
    if block.t == 'Div' and block.classes:includes 'from' then
      at = block.attributes.file
      number.file = tonumber(at:match '(%d+)[^/]*$') or 0
    elseif block.t == 'Div' and block.classes:includes 'index' then
      place = #out + 1
      out:insert(block)
    elseif block.t == 'Header' then
      local h = header(block)
      out:extend(each({ h }, { { Span = span, Link = link, Note = footnote } }))
    else
      -- A short paragraph that introduces a listing stays with it.
      local before = out[#out]
      if block.t == 'Div' and block.classes:includes 'weave' and before
          and before.t == 'Para' and #text_of(before) < 200 then
        out[#out] = pandoc.Div({ before }, pandoc.Attr('', { 'lead' }))
      end
      out:extend(each({ block }, {
        { Div = expand }, { Div = boxed },
        { Para = paragraph, Figure = figure3, Table = tabled, CodeBlock = declaration },
        { Span = span, Link = link, Code = name }, { Para = used, Plain = used },
        { Para = hoisted }, { Note = footnote }, { Str = capitals },
      }))
    end
  end

  for _, t in ipairs(targets) do
    if not labels[t.id] and not meta.chapter then
      local found = false
      for _, b in ipairs(out) do
        pandoc.walk_block(pandoc.Div { b }, {
          Header = function(h) if h.identifier == t.id then found = true end end,
          Div = function(d) if d.identifier == t.id then found = true end end,
          Span = function(s) if s.identifier == t.id then found = true end end,
        })
      end
      if not found then
        at = t.at
        stop('a link goes to #%s, which is nowhere in the book', t.id)
      end
    end
  end
  at = 'the handout'
  if not meta.chapter then
    for _, name in ipairs(meta.programs) do
      if not shown[name] then
        stop('%s/%s is in no chapter: add ::: {.weave file="%s"} to one',
          meta.lessons, name, name)
      end
    end
  end

  doc.blocks = each(out, { { Link = crossreference } })
  if place then
    doc.blocks[place] = index()
  elseif not meta.chapter or meta.chapter:match '[ -]' then -- more than one
    doc.blocks:insert(pandoc.Header(1, 'Index', pandoc.Attr('index', { 'unnumbered' })))
    doc.blocks:insert(index())
  end
  return doc
end
