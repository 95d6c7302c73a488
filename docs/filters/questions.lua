-- questions.lua: the questions of docs/questions, and what the book, the notes
-- and the step player make of them. docs/CONTRIBUTING.md says how the files
-- are read.
--
-- A question has ask, the heading; answer, '' where there is none (in the
-- archive for students); form, `open`, `true or false` or choices between |;
-- steps, a list of scenes, start and shows; run and explain, if it is one to
-- try; places, the set of words after `for:`.
local common = require 'common'
local lines_of, read, stop = common.lines_of, common.read, common.stop

local files = {}

-- of(chapter): the questions of docs/questions/NN.md, with the file's title;
-- nil if there is no such file.
local function of(chapter)
  local path = 'docs/questions/' .. chapter .. '.md'
  local text = read(path)
  if not text or files[chapter] then return files[chapter] end
  local list, now = {}, nil
  for _, line in ipairs(lines_of(text)) do
    local key, value = line:match '^%- (%a+): (.+)$'
    if line:match '^# ' then list.title = line:sub(3)
    elseif line:match '^## ' then
      now = { ask = line:sub(4):gsub('{port}', '8888'), answer = '', form = 'open', steps = {}, places = {} }
      list[#list + 1] = now
    elseif key == 'step' then
      local scenes, start, shows = (value .. ' | '):match '^(.-) | (.-) | ?(.-)[ |]*$'
      if not scenes then stop('%s: a step needs scenes | step, not: %s', path, line) end
      table.insert(now.steps, { scenes = ', ' .. scenes .. ',', start = start, shows = shows })
    elseif key == 'for' then
      for word in value:gmatch '%a+' do now.places[word] = true end
    elseif key == 'form' or key == 'run' or key == 'explain' then now[key] = value
    elseif key then stop('%s: no such field: %s', path, line)
    elseif now and line ~= '' then now.answer = now.answer .. line .. '\n\n'
    end
  end
  files[chapter] = list
  return list
end

-- What is asked, with the choices if the question does not name them.
local function asked(q)
  if q.form == 'true or false' then return 'True or false? ' .. q.ask end
  local named, words = true, {}
  for choice in (q.form .. ' | '):gmatch '(.-) | ' do
    words[#words + 1] = choice
    named = named and q.ask:lower():find(choice:lower(), 1, true)
  end
  if named or #words == 1 or q.form == 'yes | no' then return q.ask end
  local last = table.remove(words)
  return q.ask .. ' ' .. (table.concat(words, ', ') .. ' or ' .. last .. '?'):gsub('^%l', string.upper)
end

local function inlines(text) return pandoc.read(text, 'markdown').blocks[1].content end

local function ended(text) return text:match '[.?:!]$' and text or text .. '.' end

-- Those to try, as Try it prints them, and their answers; both empty if there
-- are none.
local function tries(chapter)
  local items, answers = pandoc.List {}, pandoc.List {}
  for _, q in ipairs(of(chapter) or {}) do
    if q.run then
      local text = ('*Predict:* %s *Run* %s *Explain%s %s'):format(asked(q), ended(q.run),
        q.explain:find '?' and ':*' or '*', q.explain)
      items:insert { pandoc.Plain(inlines(text)) }
      if q.answer ~= '' then answers:insert { pandoc.Plain(inlines(q.answer)) } end
    end
  end
  return items, answers
end

-- ---------------------------------------------------------- for the notes

local function lessons(words)
  local list, first, last = {}, words:match '^(%d%d)-(%d%d)$'
  for number = tonumber(first or words), tonumber(last or words) do
    list[#list + 1] = ('%02d'):format(number)
  end
  return list
end

local function where(q)
  local step = q.steps[1]
  return step and '`' .. step.start:gsub('%(.*', ''):gsub('^%a+ %d+ ', '') .. '`' or q.run and 'Try it' or ''
end

-- What the marker ::: {.questions lessons="01-05" …} asks for: with
-- for="class" a table of these questions; with form= a list of them, with
-- for="report" the key to the reports.
local function marked(a)
  local rows = pandoc.List {}
  for _, lesson in ipairs(lessons(a.lessons)) do
    local list = of(lesson) or stop('docs/questions/%s.md is missing', lesson)
    for _, q in ipairs(list) do
      if q.places[a['for'] or 'class'] and (not a.form or q.form == a.form) then
        rows:insert { lesson, where(q), a.form and q.ask or asked(q), (q.answer:gsub('\n', ' ')) }
      end
    end
  end
  if a.form then
    return pandoc.OrderedList(rows:map(function(r) return { pandoc.Plain(inlines(r[3] .. ' (' .. r[4] .. ')')) } end))
  end
  local text = { '| before | ask | answer |', '|---------|------------------------------|----------------------------------------|' }
  local several = a.lessons:find '-'
  if several then text = { '| ' .. text[1], '|--' .. text[2] } end
  for i, r in ipairs(rows) do
    if not several then r = { table.unpack(r, 2) }
    elseif i > 1 and rows[i - 1][1] == r[1] then r = { '', table.unpack(r, 2) }
    end
    text[#text + 1] = '| ' .. table.concat(r, ' | ') .. ' |'
  end
  return pandoc.read(table.concat(text, '\n'), 'markdown').blocks
end

-- ---------------------------------------------------- for the step player

-- before(scene, role, number, call): the question before a step, or nil: of
-- those that fit one for this scene before one for any, and of two the one
-- with the longer step.
local function before(scene, role, number, call)
  if scene == 'yours' then return end -- programs of one's own are no lesson
  local best, found = 0, nil
  for chapter = 1, 69 do
    for _, q in ipairs(of(('%02d'):format(chapter)) or {}) do
      for _, step in ipairs(q.steps) do
        local named = step.scenes:find(', ' .. scene .. ',', 1, true)
        local fits = #step.start + (named and 1000 or 0)
        if fits > best and (named or step.scenes == ', any,') then
          for _, as in ipairs { call, role .. ' ' .. call, role .. ' ' .. number .. ' ' .. call } do
            if as:sub(1, #step.start) == step.start then best, found = fits, asked(q) end
          end
        end
      end
    end
  end
  return found and found:gsub('`', '')
end

return { of = of, tries = tries, marked = marked, before = before }
