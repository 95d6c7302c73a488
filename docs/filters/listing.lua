-- listing.lua: programs in the book: annotated step by step, or whole.
local common = require 'common'
local html, escape, part = common.html, common.escape, common.part
local programs = require 'program'
local known_lines, markdown, prose_of = programs.known_lines, programs.markdown, programs.prose_of

-- The code of one step, in runs of known and of new lines. Blank lines at
-- its end are there to be copied, but take no room. On paper, headers
-- known from `after` are one line.
local function code_html(p, step, known, after)
  local last = #step.code
  while last > 0 and p.lines[step.code[last]] == '' do last = last - 1 end
  local out, run, kind, headers, more = {}, {}, nil, nil, ''
  local function flush()
    if #run > 0 then
      local class, lines = kind, table.concat(run, '\n')
      if kind == 'header' then
        headers = headers or #out + 1
        class = 'known'
      end
      local all = part('lines', { class = class, lines = lines })
      out[#out + 1] = kind == 'header' and part('screen', { lines = all }) or all
    end
    run = {}
  end
  for k = 1, last do
    local i = step.code[k]
    local this = not known and 'only' or known[i] and 'known' or 'new'
    if p.lines[i] == '' and kind then this = kind end
    if p.lines[i]:match '^#include ' and after and not p.told[i] then
      if this == 'known' then this = 'header' else more = ', and' end
    end
    if this ~= kind then flush() end
    kind = this
    if not p.told[i] then
      run[#run + 1] = (this == 'known' or this == 'header') and escape(p.lines[i]) or p.html[i]
    end
  end
  flush()
  if headers then
    table.insert(out, headers, part('headers', { name = escape(after.name), more = more }))
  end
  if last < #step.code then
    out[#out + 1] = part('gap', { lines = ('\n'):rep(#step.code - last) })
  end
  return part('code', { code = table.concat(out) })
end

local shown, copied = {}, {} -- copied: programs that stand whole below their steps

-- The marks above a listing: what "new" and "known" look like, and a link.
local function marks_of(p, after, folded)
  local marks = {}
  if after then
    marks[1] = part('mark', { class = 'new', text = 'new' })
    if folded then
      marks[2] = part('mark', { class = 'known', text = 'known from ' .. escape(after.name) })
    end
  end
  if folded ~= nil then
    if not common.book.epub then
      marks[#marks + 1] = part('to-whole', { name = escape(p.name) })
    end
  end
  return table.concat(marks, ' ')
end

local function opening(kind, p, marks)
  local name = escape(p.name)
  local out = pandoc.List { html(part(kind, { name = name, marks = marks,
    title = escape(p.title or '') })) }
  if #p.head > 0 then
    out:insert(html(part 'head'))
    out:extend(markdown(p.head))
    out:insert(html(part 'end'))
  end
  return out
end

-- A program without the lines that make it talk, in parts that end at blank
-- lines, where a page may break. If it grew out of another program, its
-- new lines are marked. The last lines stay with those before them: alone
-- on a page they would be copied out of order.
local function plain_html(p, known, from)
  local out, group, run, kind, count = {}, {}, {}, nil, 0
  local function end_run()
    if #run > 0 then
      local lines = table.concat(run, '\n')
      group[#group + 1] = kind and part('lines', { class = kind, lines = lines })
        or lines .. '\n'
    end
    run = {}
  end
  for i = from, #p.lines do
    if not p.told[i] then
      local blank = p.lines[i] == ''
      local this = known and (not known[i] and not blank and 'new' or 'old') or nil
      if blank then this = kind end
      if this ~= kind then end_run() end
      kind = this
      run[#run + 1] = p.html[i]
      count = count + 1
    end
    if p.lines[i] == '' and i < #p.lines - 14 or i == #p.lines then
      end_run()
      out[#out + 1] = part('group', { class = count > 14 and i < #p.lines and 'part long' or 'part',
        lines = table.concat(group) })
      group, count = {}, 0
    end
  end
  return table.concat(out)
end

-- The whole program, plain, as you would write it in an exam, to be copied:
-- what surrounds it looks like a comment. The comment at the program's head
-- stands above it.
local function whole(p, after)
  shown[p.name] = 'whole'
  local known = after and known_lines(p.lines, after.lines)
  for _, step in ipairs(known and p.steps or {}) do
    -- Other words for the same code, such as "A TCP socket, as in 01.", are
    -- nothing new.
    if #step.prose > 0 and p.lines[step.prose[#step.prose]]:match 'as in %d%d%.$' then
      for _, i in ipairs(step.prose) do known[i] = true end
    end
  end
  local out = opening('whole', p, marks_of(p, after))
  out:insert(html(part('whole-code', { name = escape(p.name),
    code = plain_html(p, known, p.first) })))
  return out
end

-- The same for a list of all programs; the head stays in the program.
local function complete(p)
  local name = escape(p.name)
  return pandoc.List { html(part('complete', { name = name })
    .. part('whole-code', { name = name, code = plain_html(p, nil, 1) })) }
end

-- Step by step, the prose beside the code. With fold, a known step is one
-- line on paper: its prose, which says what it does and where it is known
-- from.
local function annotated(p, after, fold)
  shown[p.name] = 'steps'
  local known = after and known_lines(p.lines, after.lines)
  local out = opening('weave', p, marks_of(p, after, fold ~= nil))
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
    out:insert(html(part('step', { class = (folded and ' fold' or said and ' said' or '')
      .. ((fresh or said) and '' or ' old') })))
    if said or folded then
      out:insert(html(part 'prose'))
      out:extend(prose_of(p, step))
      out:insert(html(part 'end'))
    end
    local code = code_html(p, step, known, fold and after)
    out:insert(html((folded and part('screen-block', { lines = code }) or code) .. part 'end'))
  end
  out:insert(html(part 'weave-end'))
  if common.book.meta.steps and not copied[p.name] then -- on the screen, below it
    copied[p.name] = true
    out:insert(html(part 'to-copy'))
    out:extend(complete(p))
    out:insert(html(part 'to-copy-end'))
  end
  return out
end

return { annotated = annotated, whole = whole, complete = complete, shown = shown }
