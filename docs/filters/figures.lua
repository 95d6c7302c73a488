-- figures.lua: figures and tables, and their numbers.
local common = require 'common'
local book, stop, html, text_of = common.book, common.stop, common.html, common.text_of
local read, escape, part = common.read, common.escape, common.part
local numbers = require 'numbers'
local label, numbered = numbers.label, numbers.numbered

local function data_source(type, data)
  return 'data:image/' .. type .. ',' .. data:gsub('[^%w%-._~ /:=;,()]', function(c)
    return ('%%%02X'):format(c:byte())
  end):gsub(' ', '%%20')
end

local function image_source(src)
  local path = 'docs/' .. src
  local data = read(path)
  if not data then stop('%s is not there: a figure names a file that does not exist', path) end
  if book.epub then return path end
  return data_source(path:match '%.svg$' and 'svg+xml' or path:match '%.(%a+)$', data)
end

-- Makes a figure of an image that is alone in its paragraph.
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
      :format(table.concat(classes, ' ') .. (book.holds_whole[book.at] and ' under' or ''), id)),
    pandoc.Plain(words), html '</figcaption>',
    pandoc.Plain { pandoc.Image({ pandoc.Str(alt) }, image_source(image.src), '',
      pandoc.Attr('', {}, attributes)) },
    html '</figure>',
  }
end

-- Makes a figure of drawings that the build has made: for each scene a
-- list of images, each with its svg and a description (words). A page may
-- break between two images; the next one repeats the first, the heads.
local function drawn(name, caption, scenes, unnumbered)
  local number = ''
  if not unnumbered then
    number = 'Figure ' .. numbered 'figure'
    label(name, number)
    number = '<strong>' .. number .. '.</strong> '
  end
  local blocks = pandoc.List {
    html(part('drawn', { name = name, number = number, caption = escape(caption) })) }
  for i, images in ipairs(scenes) do
    blocks:insert(html '<div class="scene-drawn">')
    for j, each in ipairs(images) do
      local source = ('%s-%d-%d.svg'):format(name, i, j)
      if book.epub then
        pandoc.mediabag.insert(source, 'image/svg+xml', each.svg)
      else
        source = data_source('svg+xml', each.svg)
      end
      blocks:insert(pandoc.Div({ pandoc.Plain { pandoc.Image({ pandoc.Str(each.words) }, source) } },
        pandoc.Attr('', { #images > 1 and j == 1 and 'heads' or 'rows' })))
    end
    blocks:insert(html '</div>')
  end
  blocks:insert(html '</figure>')
  return blocks
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
  -- The image's own text is its alternative, or just the caption again.
  if not image.attributes.alt and text_of(image.caption) ~= text_of(caption) then
    image.attributes.alt = text_of(image.caption)
  end
  return figure(image, id, caption, image.classes)
end

-- On a phone the cells of a row stand one below the other: each needs the
-- title of its column.
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
  for _, row in ipairs(t.head.rows) do
    for _, cell in ipairs(row.cells) do cell.attributes.scope = 'col' end
  end
  t.head = t.head
  if rows > 15 then attr.classes:insert 'long' end -- may break over pages
  -- A table of four columns or more also uses the margin.
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

return { drawn = drawn, paragraph = paragraph, figure3 = figure3, tabled = tabled }
