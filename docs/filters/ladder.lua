-- ladder.lua: draws a run (run.lua) as a ladder: a life line for each
-- side, its calls and states beside it, a bar while a call blocks, and the
-- segments between the lines. Each image is a part of a run that fits on a
-- page; short scenes stand side by side. Colours are attributes, because
-- some EPUB readers ignore style sheets.
local common = require 'common'
local escape = common.escape

local WIDTH, FIRST, PART, LINE = 672, 150, 70, 13.2 -- the book prints 672 as 178 mm
local NARROW = 370 -- for a phone: calls without arguments
local mono = [[font-family="'JetBrains Mono','DejaVu Sans Mono',monospace"]]
local dark = '<style>@media (prefers-color-scheme:dark){.paper{fill:#191817}'
  .. '.ink{stroke:#eee}.bar{fill:#777}.box{fill:#3a3a3a}text,.head{fill:#eee}}</style>'

local function tag(list, format, ...) list[#list + 1] = format:format(...) end

-- Breaks words into lines of at most `space` letters. Text in quotes or
-- braces stays together if it fits, and so does "= 3".
local function wrap(text, space)
  local lines, line = {}, ''
  for _, whole in ipairs { '= %S', '%b{}', '"[^"]*"' } do
    text = text:gsub(whole, function(s) return (s:gsub(' ', '\1')) end)
  end
  for word in text:gmatch '[^ ]+' do
    word = word:gsub('\1', ' ')
    local both = line == '' and word or line .. ' ' .. word
    if line ~= '' and utf8.len(both) > space then
      lines[#lines + 1], line = line, word
    else
      line = both
    end
    while utf8.len(line) > space + 1 do -- a word wider than its column
      local cut = utf8.offset(line, space + 1)
      lines[#lines + 1], line = line:sub(1, cut - 1), line:sub(cut)
    end
  end
  lines[#lines + 1] = line
  return lines
end

-- Where each life line stands, and how much space there is for words beside
-- it. The first side, which began, is to the right of the one that calls
-- it; of three sides, it is in the middle.
local function places(scene, left, width)
  local n, at = #scene.sides, {}
  if n == 2 then
    local first, second = 248, 248
    if width == NARROW then first, second = 118, 118
    elseif width < WIDTH then first, second = 82, 88 end
    at[1] = { x = left + width - first, right = true, space = first - 10 }
    at[2] = { x = left + second, space = second - 10 }
    if scene.sides[2] == 'else' then at[1], at[2] = at[2], at[1] end
  elseif width == NARROW then
    at[1] = { x = left + 163, right = true, space = 90 }
    at[2] = { x = left + 85, space = 79 }
    for i = 3, n do at[i] = { x = left + 268, right = true, space = 92, named = n > 3 } end
  else
    at[1] = { x = left + 316, right = true, space = 192 }
    at[2] = { x = left + 150, space = 140 }
    for i = 3, n do at[i] = { x = left + 528, right = true, space = 136, named = n > 3 } end
  end
  local sides = {}
  for i, side in ipairs(scene.sides) do sides[side] = at[i] end
  return sides
end

local looks = {
  call = { 6.6, mono .. ' font-size="11"' },
  result = { 6.6, mono .. ' font-size="11"' },
  state = { 6.6, mono .. ' font-size="11" font-weight="700"' },
  addresses = { 6.6, mono .. ' font-size="11"' },
  came = { 5.5, 'font-size="11"' },
  words = { 5.6, 'font-size="11" font-style="italic"' },
  known = { 5.5, 'font-size="11"' },
  ends = { 5.5, 'font-size="11"' },
}

-- The text of a row; calls of a child or thread are marked with its name.
local function said_by(row)
  return row.who and (row.of or row.kind == 'known') and row.who .. ': ' .. row.text or row.text
end

-- Sets the height of each row, and its lines of words.
local function measured(scene, sides, brief)
  for _, row in ipairs(scene.rows) do
    local look, place = looks[row.kind], sides[row.side]
    if brief and row.kind == 'addresses' then
      row.lines, row.height = {}, 0
    elseif look then
      local text = said_by(row)
      if brief then text = text:gsub('%(.*%)', '') end
      if place.named and row.kind ~= 'result' then text = row.side .. ': ' .. text end
      row.lines = wrap(text, math.floor(place.space / look[1]))
      row.height = #row.lines * LINE + 1
    else
      row.height = row.kind == 'start' and 22 or brief and 22 or 14
    end
  end
end

local function arrow(out, row, from, to, y, brief)
  local x1, x2, step = from.x, to.x, from.x < to.x and 1 or -1
  local slope, wide = 9 / math.abs(x2 - x1), #row.text * 5.7 + 6
  local at = math.abs(x2 - x1) > 300 and .27 or .5 -- beside a line that it crosses
  local words = x1 + (x2 - x1) * at
  local text = brief and row.text:gsub(', ', ',') or row.text
  if brief and wide > math.abs(x2 - x1) then text = row.text:match '%d+ bytes?$' or text end
  if brief then y = y + 8 end -- the words stand above the line
  tag(out, '<line class="ink" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#111" stroke-width="1.2"%s/>',
    x1 + 4 * step, y + 2, x2 - 9 * step, y + 11 - 9 * slope, row.plain and ' stroke-dasharray="5 3"' or '')
  tag(out, '<polygon class="head" points="%.1f,%.1f %.1f,%.1f %.1f,%.1f" fill="#111"/>',
    x2 - 4 * step, y + 11, x2 - 12 * step, y + 7, x2 - 12.5 * step, y + 13.5)
  if not brief then
    tag(out, '<rect class="paper" x="%.1f" y="%.1f" width="%.1f" height="11" fill="#fff"/>',
      words - wide / 2, y + 9 * at - 3.5, wide)
  end
  tag(out, '<text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" fill="#111">%s</text>',
    words, y + (brief and 2 or 9 * at + 6), escape(text))
end

local function start_box(out, row, place, y, brief)
  local text = brief and row.side or row.program
  local wide = utf8.len(text) * 6.3 + 14
  tag(out, '<rect class="box ink" x="%.1f" y="%.1f" width="%.1f" height="17" rx="3" fill="#e8e8e8" stroke="#111"/>',
    place.x - wide / 2, y + 2, wide)
  tag(out, '<text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" font-weight="700" fill="#111">%s</text>',
    place.x, y + 14.5, escape(text))
end

-- Draws the words of a row beside its life line.
local function beside(out, row, place, y)
  for i, line in ipairs(row.lines) do
    tag(out, '<text x="%.1f" y="%.1f"%s %s fill="#111" xml:space="preserve">%s</text>',
      place.x + (place.right and 9 or -9), y + i * LINE - 3, place.right and '' or ' text-anchor="end"',
      looks[row.kind][2], escape(line))
  end
end

-- Sets where a row stands. Rows that only say more about a call, such as a
-- state, do not push the other sides down. at.now: where the next thing may
-- happen; at.free: where there is space for words beside each life line.
local says_more = { state = true, addresses = true, came = true, words = true }

local function stand(scene, row, at)
  local beside_it = row.side
  row.y = at.now
  if row.kind == 'segment' then beside_it = nil end
  if #scene.sides > 2 and (row.kind == 'segment' or row.kind == 'start') then
    row.y = math.max(row.y, at.free[scene.sides[1]] or 0) -- the middle one's words are in the way
  end
  row.y = math.max(row.y, at.free[beside_it] or 0)
  local below = row.y + row.height
  if row.kind ~= 'segment' then at.free[row.side] = below end
  if not says_more[row.kind] then
    at.now = row.lines and row.kind ~= 'known' and row.y + math.min(row.height, LINE) or below
  end
  at.last = math.max(at.last, below)
end

local function top_at(y) return { now = y, free = {}, last = y } end

-- Where the bar of a call begins. Bars of children and threads stand beside
-- the bar of their program.
local function bar_from(row, place, y)
  local number = tonumber((row.who or '0'):match '%d+$')
  if row.who and row.who:match '^thread' then number = number - 1 end
  local step = place.right and -7 or 7 -- away from the words
  return { side = row.side, x = place.x - 4 + step * math.min(number, 3), y = y }
end

-- Draws rows first to last of a scene below y. state carries over, from
-- part to part, which sides live and which calls block. Returns the y below.
local function draw(out, scene, sides, first, last, y, state, brief)
  local lines, bars, front, top = {}, {}, {}, y
  local live, open, at = {}, {}, top_at(y)
  for side in pairs(state.live) do live[side] = top end
  for key, from in pairs(state.open) do open[key] = { side = from.side, x = from.x, y = top - 2 } end
  local function line(side, from, to)
    tag(lines, '<line class="ink" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#777" stroke-dasharray="2 3"/>',
      sides[side].x, from, sides[side].x, to)
  end
  local function bar(key, to)
    local from = open[key]
    tag(bars, '<rect class="bar ink" x="%.1f" y="%.1f" width="8" height="%.1f" fill="#ccc" stroke="#111"/>',
      from.x, from.y, to - from.y)
  end
  local function bars_of(side, to)
    local keys = {}
    for key, from in pairs(open) do
      if from.side == side then keys[#keys + 1] = key end
    end
    table.sort(keys)
    for _, key in ipairs(keys) do bar(key, to) end
    return keys
  end
  for i = first, last do
    local row, place = scene.rows[i], sides[scene.rows[i].side]
    local key = row.side .. (row.who or '')
    stand(scene, row, at)
    if scene.growing then tag(front, '<g data-step="%d">', row.step or 1) end
    y = row.y
    if row.kind == 'segment' then
      arrow(front, row, place, sides[row.to], y, brief)
    elseif row.kind == 'start' then
      start_box(front, row, place, y, brief)
      live[row.side] = live[row.side] or y + 19
    else
      beside(front, row, place, y)
    end
    if row.open then open[key] = bar_from(row, place, y + 3) end
    if row.kind == 'result' and open[key] then
      bar(key, y + LINE - 4)
      open[key] = nil
    elseif row.kind == 'ends' then
      for _, its in ipairs(bars_of(row.side, y + 7)) do open[its] = nil end
      if live[row.side] then line(row.side, live[row.side], y + 7) end
      tag(front, '<line class="ink" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#111" stroke-width="2"/>',
        place.x - 6, y + 7, place.x + 6, y + 7)
      live[row.side] = nil
    end
    if scene.growing then tag(front, '</g>') end
  end
  y = at.last
  for _, side in ipairs(scene.sides) do
    if live[side] then line(side, live[side], y) end
    bars_of(side, y + 2) -- they continue in the next part
  end
  state.live, state.open = live, open
  for _, list in ipairs { lines, bars, front } do table.move(list, 1, #list, #out + 1, out) end
  return y
end

-- Describes a row in a sentence, for those who cannot see the drawing.
local function in_words(row)
  local side = row.side == 'else' and 'the other side' or 'the ' .. row.side
  if row.kind == 'segment' then
    return ('%s from %s to %s.'):format(row.text, side,
      row.to == 'else' and 'the other side' or 'the ' .. row.to)
  end
  if said_by(row) ~= row.text then
    return side:gsub('^t', 'T') .. ', ' .. said_by(row) .. (row.kind == 'result' and ', from ' .. row.of or '')
      .. (row.open and ', which blocks' or '') .. '.'
  end
  local how = { start = 'begins: ' .. (row.program or ''), result = 'has from ' .. (row.of or '') .. ': ' .. row.text,
    known = 'calls ' .. row.text, state = 'has in its kernel: ' .. row.text,
    addresses = 'is connected: ' .. row.text, came = 'learns: ' .. row.text,
    words = 'shows: ' .. row.text, ends = row.text }
  return side:gsub('^t', 'T') .. ' ' .. (how[row.kind] or 'calls ' .. row.text)
    .. (row.open and ', which blocks' or '') .. '.'
end

local function words_of(scene, first, last)
  local out = {}
  for i = first, last do out[#out + 1] = in_words(scene.rows[i]) end
  return table.concat(out, ' ')
end

local function image(body, width, height, title, words)
  return { words = words, svg = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.1f" width="%d" height="%.1f"'
    .. ' font-family="Inter,\'DejaVu Sans\',sans-serif" role="img">\n<title>%s</title>\n<desc>%s</desc>\n%s\n'
    .. '<rect class="paper" width="%d" height="%.0f" fill="#fff"/>\n%s\n</svg>\n'):format(width, height, width,
    height, escape(title), escape(words), dark, width, height, table.concat(body, '\n')) }
end

-- The names of the life lines, drawn, and as a list.
local function names_of(scene, sides)
  local out, names = {}, {}
  for i, side in ipairs(scene.sides) do
    names[i] = side == 'else' and 'other side' or side
    tag(out, '<text x="%.1f" y="11" text-anchor="middle" font-size="11" font-weight="700" fill="#111">%s</text>',
      sides[side].x, escape(names[i]))
  end
  return out, names
end

-- An image of these names, for the top of each page.
local function heads(scene, sides, width)
  local out, names = names_of(scene, sides)
  return image(out, width, 15, scene.title, 'The sides of the run that is drawn here: ' .. table.concat(names, ', ') .. '.')
end

-- The kinds of rows with which a part may begin: no part splits an answer.
local first_of_part = { start = true, call = true, known = true, words = true, ends = true }

-- Is nothing left but the ends of programs? They are no part of their own.
local function only_ends(rows, from)
  for i = from, #rows do
    if rows[i].kind ~= 'ends' then return false end
  end
  return true
end

-- One scene, in parts between which a page may break.
local function parts(scene, width)
  local sides, brief = places(scene, 0, width), width == NARROW
  local images = { heads(scene, sides, width) }
  measured(scene, sides, brief)
  local state = { live = {}, open = {} }
  if sides['else'] then state.live['else'] = true end
  -- The first part is longer: it does not stand at the foot of a page alone.
  local first, at = 1, top_at(0)
  for i, row in ipairs(scene.rows) do
    stand(scene, row, at)
    local following = scene.rows[i + 1]
    if not following or at.now > (first == 1 and FIRST or PART)
        and first_of_part[following.kind] and row.kind ~= 'start'
        and not only_ends(scene.rows, i + 1) then
      local body = {}
      local y = draw(body, scene, sides, first, i, 0, state, brief)
      images[#images + 1] = image(body, width, y, scene.title,
        ('The run, part %d. '):format(#images) .. words_of(scene, first, i))
      first, at = i + 1, top_at(0)
    end
  end
  return images
end

-- Up to three short scenes side by side, their calls without arguments.
local function panels(scenes)
  local body, lowest, words = {}, 0, {}
  local width = WIDTH / #scenes
  for i, scene in ipairs(scenes) do
    local left = (i - 1) * width
    local sides = places(scene, left, width)
    measured(scene, sides, true)
    local y = 2
    for _, line in ipairs(wrap(scene.title, math.floor(width / 6.4))) do
      y = y + LINE
      tag(body, '<text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" font-weight="700" fill="#111">%s</text>',
        left + width / 2, y - 3, escape(line))
    end
    y = draw(body, scene, sides, 1, #scene.rows, 34, { live = {}, open = {} }, true)
    lowest = math.max(lowest, y)
    words[i] = scene.title .. '. ' .. words_of(scene, 1, #scene.rows)
  end
  return { image(body, WIDTH, lowest + 2, 'side by side', table.concat(words, ' ')) }, lowest
end

-- A narrow drawing of a whole scene: the names of its life lines; its rows,
-- each in a group with the number of its step; and for each step the y above
-- which it has happened: who steps through the scene uncovers it down to there.
local function growing(scene)
  local sides, body, below, most = places(scene, 0, NARROW), {}, {}, 0
  local state = { live = {}, open = {} }
  if sides['else'] then state.live['else'] = true end
  measured(scene, sides, true)
  local y = draw(body, setmetatable({ growing = true }, { __index = scene }), sides, 1, #scene.rows, 0, state, true)
  for _, row in ipairs(scene.rows) do
    local step = row.step or 1
    below[step] = math.max(below[step] or 0, math.ceil(row.y + row.height))
  end
  for i = 1, #scene.steps do
    most = math.max(most, below[i] or 0)
    below[i] = most
  end
  local function svg(height, parts)
    return ('<svg viewBox="0 0 %d %.0f" font-family="Inter,sans-serif" aria-hidden="true">%s</svg>')
      :format(NARROW, height, table.concat(parts))
  end
  return svg(15, names_of(scene, sides)), svg(y + 4, body), below
end

-- The images of a run: for each scene a list that begins with the names of
-- its life lines, or one list if the scenes stand side by side. Empty if a
-- scene has only one side.
local function images(scenes)
  local all = {}
  for _, scene in ipairs(scenes) do
    if #scene.sides < 2 then return {} end
  end
  local width = common.book.epub and NARROW or WIDTH
  if width == WIDTH and #scenes > 1 and #scenes < 4 then
    local beside_each_other, height = panels(scenes)
    if height < 1.2 * WIDTH then return { beside_each_other } end -- one page
  end
  for i, scene in ipairs(scenes) do all[i] = parts(scene, width) end
  return all
end

return { images = images, growing = growing }
