"""questions.py: reads the files of docs/questions and docs/exam.md.
docs/CONTRIBUTING.md says what stands in them."""
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))


FORMS = "open", "true or false", "number"


class Question:
    """ask, the heading; code that belongs to it; answer, '' if the file has
    none; choices, of a form that has any, in the order of the file; steps, a
    list of (scenes, step, what a run shows there); the other fields under
    their names."""

    def __init__(self, ask):
        self.ask, self.answer, self.form = ask.replace("{port}", "8888"), "", "open"
        self.code = ""
        self.steps, self.choices, self.fields = [], [], {}

    def take(self, key, value):
        if key == "step":
            self.steps.append(tuple((value.split(" | ") + ["", ""])[:3]))
        elif key == "form":
            self.form = value if value in FORMS else "choice"
            self.choices = value.split(" | ") if self.form == "choice" else []
        else:
            self.fields[key] = value

    def right(self):
        """The right choice; of true or false, which."""
        choices = self.choices or ["true", "false"]
        begins = [each for each in choices if re.match(re.escape(each) + r"\b", self.answer, re.I)]
        return max(begins, key=len, default=None)

    def statement(self):
        return f"True or false? {self.ask}" if self.form == "true or false" else self.ask


def read(path):
    """The questions of a file."""
    found, inside = [], False
    with open(path, encoding="utf-8") as file:
        for line in file:
            field = re.match(r"- (\w+): (.+)", line)
            if line.startswith("## "):
                found.append(Question(line[3:].strip()))
            elif found and field:
                found[-1].take(*field.groups())
            elif found and not found[-1].answer and (line.startswith("```") or inside):
                inside = not inside or line != "```\n"
                found[-1].code += line
            elif found:
                found[-1].answer = (found[-1].answer + line).lstrip()
    for each in found:
        each.answer = each.answer.strip()
    return found


def chapters(folder=f"{HERE}/questions"):
    """Of each lesson or chapter its number and its questions."""
    for path in sorted(glob.glob(f"{folder}/[0-9][0-9].md")):
        yield os.path.basename(path)[:2], read(path)
