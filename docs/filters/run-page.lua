-- run-page.lua: a filter that makes the page of one run, for
-- scripts/play/run-page, which gives it as metadata: path, the run's file;
-- name, what the page calls it; lessons, the folder of lessons.
package.path = PANDOC_SCRIPT_FILE:match '^(.*/)' .. '?.lua;' .. package.path

local common = require 'common'
local book, text_of, read = common.book, common.text_of, common.read

function Pandoc(doc)
  for _, key in ipairs { 'lessons', 'path', 'name' } do book.meta[key] = text_of(doc.meta[key]) end
  book.meta.steps = nil
  local run = require 'run'
  local scenes, events = run.scenes_of(book.meta.path)
  local name = common.escape(book.meta.name)
  local data, sources = require 'steps'.script(book.meta.name, scenes, run.sources_of(events))
  local whole = {}
  for _, block in ipairs(require 'transcript'.whole(book.meta.name, scenes)) do
    whole[#whole + 1] = block.t == 'RawBlock' and block.text or pandoc.write(pandoc.Pandoc { block }, 'html')
  end
  io.stdout:write((read 'docs/web/run-page.html':gsub('%$(%w+)%$', {
    name = name, title = common.escape(scenes[1].title),
    css = read 'docs/handout.css' .. read 'docs/web/site.css',
    player = read 'docs/web/run-steps.js', data = data, whole = table.concat(whole, '\n'), sources = sources,
  })))
  os.exit(0)
end
