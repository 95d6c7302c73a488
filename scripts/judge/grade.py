"""Judges the work of a class; scripts/grade calls this, and its help tells
what it does.

TABLE-logs holds, per student, the copies that are judged and the verdicts
on them (judged/), from which a second run goes on, and a log (logs/).
"""

import argparse
import bz2
import csv
import ctypes
import datetime
import fcntl
import gzip
import hashlib
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tarfile
import time
import unicodedata
import zipfile
from dataclasses import dataclass, field

ROOT = os.path.realpath(os.path.dirname(os.path.abspath(__file__)) + "/../..")

LARGEST = 256 << 10  # bytes of a file that is judged
DEPTH = 16  # folders within folders
ENTRIES = 20000  # files and folders of one student
PACKED, UNPACKED, RATIO = 64 << 20, 256 << 20, 100  # of an archive
NAMED = 100  # files that are named in a student's log
WAIT = 2.9  # seconds: a little less than the judges' PATIENCE
LONGEST = 60  # seconds: a judge that takes longer is killed
MOST_JOBS = 64

RIGHT, NOT_YET, NOT_JUDGED, NO_PROGRAM, NOT_ATTEMPTED = range(5)
WORDS = ["", "not yet", "not judged", "does not compile", "not attempted"]
FOLDER = "this is a folder"
ARCHIVE = re.compile(r"\.(zip|tar|tar\.gz|tgz|tar\.bz2)$", re.I)


@dataclass
class Column:
    key: str
    word: str  # what the table says if it is right
    judge: str = ""  # the name in build/judge; "": a report
    shipped: bytes = b""  # what students got
    sum: str = ""  # of the judge
    points: float = 1


@dataclass
class Piece:
    """What a student has handed in for a column."""

    path: str = ""
    time: float = 0
    data: bytes = b""
    status: int = NOT_ATTEMPTED
    said: str = ""  # by the judge
    note: str = ""  # why there is no verdict, or what a report lacks


@dataclass
class Student:
    folder: str
    row: dict = field(default_factory=dict)  # of the roster
    pieces: dict = field(default_factory=dict)
    unfit: list = field(default_factory=list)
    older: int = 0
    refused: list = field(default_factory=list)
    missing: bool = False  # on the roster, but there is no folder


def stop(status, text):
    print(f"grade: {text}", file=sys.stderr)
    sys.exit(status)


# ---- names: others have chosen them ------------------------------------


def escaped(text, form):
    return "".join(form % byte for byte in text.encode("utf-8", "surrogateescape"))


def shown(text):
    """The text without what acts on a terminal or reverses a line."""
    return "".join(
        "\\\\" if c == "\\" else c if c.isprintable() else escaped(c, "\\x%02X")
        for c in text
    )


def file_name(text):
    """A name for a file of ours that any system can hold."""
    name = "".join(
        escaped(c, "%%%02X")
        if not c.isprintable() or c in '%/\\"*:<>?|' or (i == 0 and c in ".-~=+@ ")
        else c
        for i, c in enumerate(text)
    )
    if len(name.encode()) > 200:
        mark = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        name = f"{name.encode()[:160].decode(errors='ignore')}%{mark[:16]}"
    return name


def plain(name):
    """In small letters, with _ for whatever stands between words."""
    return re.sub(r"[ _.,()+-]+", "_", unicodedata.normalize("NFC", name).casefold())


def line(row):
    """A line of a table, no cell of which a spreadsheet calculates."""
    cells = []
    for cell in row:
        if isinstance(cell, str):
            text = shown(cell)
            sign = text.lstrip()[:1]
            quote = "'" if sign and sign in "=+-@|%\uff1d\uff0b\uff0d\uff20" else ""
            cell = '"%s%s"' % (quote, text.replace('"', '""'))
        elif isinstance(cell, float):
            cell = f"{cell:.2f}".rstrip("0").rstrip(".")
        cells.append(str(cell))
    return ",".join(cells) + "\n"


def clock(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


# ---- what can be judged, and what was asked for ------------------------


def all_columns():
    found = {}
    for kind in "mistakes", "tasks":
        at = f"{ROOT}/lessons/{kind}"
        for name in sorted(os.listdir(at)):
            if not name[0].isdigit():
                continue
            number = name.partition("_")[0]
            task = kind == "tasks"
            key = f"task-{number}" if task else number
            with open(f"{at}/{name}/as_shipped.c", "rb") as file:
                found[key] = Column(
                    key, "done" if task else "mended", key if task else name, file.read()
                )
    for lesson in sorted(os.listdir(f"{ROOT}/docs/questions")):
        with open(f"{ROOT}/docs/questions/{lesson}", encoding="utf-8") as file:
            if lesson[0].isdigit() and re.search("^- for: .*report", file.read(), re.M):
                found[f"report-{lesson[:2]}"] = Column(f"report-{lesson[:2]}", "whole")
    return found


def keys_of(text, columns):
    """01-03,task-1: these columns."""
    keys = []
    for part in text.split(","):
        part = part.strip()
        ends = re.fullmatch(r"(task-|report-|)(\d\d?)-(\d\d?)", part)
        if ends:
            first, last = int(ends[2]), int(ends[3])
            wide = 1 if ends[1] == "task-" else 2
            some = [f"{ends[1]}{n:0{wide}}" for n in range(first, last + 1)]
        else:
            some = [part.zfill(2)]
        if not some or any(key not in columns for key in some):
            stop(2, f"there is no exercise, task or report '{shown(part)}'")
        keys += some
    return keys


def number(text):
    try:
        value = float(text)
    except ValueError:
        value = -1
    return value if 0 <= value < 1e6 else None


def read_text(path, what):
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            return file.read()
    except OSError as error:
        stop(2, f"{what} '{shown(path)}' cannot be read: {error.strerror}")


def set_points(given, columns):
    one = number(given)
    text = "" if one is not None else read_text(given, "--points:")
    for column in columns.values():
        column.points = one if one is not None else 0.0
    for row in text.splitlines():
        words = row.partition("#")[0].split()
        if not words:
            continue
        value = number(words[-1]) if len(words) == 2 else None
        if value is None:
            stop(2, f"--points: '{shown(row)}' is not like '01-10 2'")
        for key in keys_of(words[0], columns):
            columns[key].points = value


def read_roster(path):
    """The rows of the roster, with id, name and email for what these
    columns are called there."""
    text = read_text(path, "--roster:")
    first = text.partition("\n")[0]
    sign = max(",;\t", key=first.count)
    rows = []
    for cells in csv.DictReader(io.StringIO(text), delimiter=sign):
        row = {plain(k or ""): (v or "").strip() for k, v in cells.items() if k}

        def one(*names):
            return next((row[n] for n in names if n in row), None)

        row["id"] = one("id_number", "student_id", "sis_user_id", "id")
        row["email"] = one("email", "e_mail", "email_address", "e_mail_address",
                           "mail", "sis_login_id")
        row["name"] = one("name", "full_name", "student_name", "student")
        last = one("last_name", "surname", "family_name")
        if row["name"] is None and last is not None:
            row["name"] = f"{one('first_name', 'given_name') or ''} {last}".strip()
        for needed in "id", "name", "email":
            if row[needed] is None:
                stop(2, f"--roster: '{shown(path)}' has no column {needed}")
        if row["id"] or row["name"]:
            rows.append(row)
    if not rows:
        stop(2, f"--roster: '{shown(path)}' names nobody")
    return rows


def join(students, roster):
    """Finds each student's row. Returns lines on what remains."""
    remarks = []
    for student in students:
        whole = unicodedata.normalize("NFC", student.folder).casefold()
        person = re.sub(r"_\d+_assign.*", "", whole)
        words = set(plain(whole).split("_"))

        def fits(row):
            name = frozenset(plain(row["name"]).split("_")) - {""}
            return (
                (row["id"] and row["id"].casefold() in words | {whole}) * 4
                or (row["email"] and whole in (mail := row["email"].casefold(),
                                               mail.partition("@")[0])) * 2
                or (bool(name) and name == set(plain(person).split("_")) - {""}) * 1
            )

        best = max(map(fits, roster))
        found = [row for row in roster if best and fits(row) == best]
        if len(found) == 1:
            student.row = found[0]
        else:
            why = "fits two on the roster" if found else "is not on the roster"
            remarks.append(f"{shown(student.folder)} {why}")
    for row in roster:
        count = sum(student.row is row for student in students)
        who = f"{shown(row['name'])} ({shown(row['id'])})"
        if count == 0:
            students.append(Student(row["name"], row, missing=True))
            remarks.append(f"nothing handed in: {who}")
        elif count > 1:
            remarks.append(f"{count} folders: {who}")
    return remarks


# ---- what was handed in ------------------------------------------------


def kind(mode):
    return (
        "a symbolic link is not followed" if stat.S_ISLNK(mode)
        else FOLDER if stat.S_ISDIR(mode)
        else "this is a FIFO, not a regular file" if stat.S_ISFIFO(mode)
        else "this is a socket, not a regular file" if stat.S_ISSOCK(mode)
        else "this is a device, not a regular file"
    )


class Names:
    """What names mean."""

    def __init__(self, columns):
        self.keys = set(columns)
        self.named = {c.key: plain(c.judge) for c in columns.values() if c.judge}
        lessons = "|".join(
            plain(name[:-2]) for name in os.listdir(f"{ROOT}/lessons") if name.endswith(".c")
        )
        self.lesson = re.compile(rf"(.*_)?({lessons})(_\d+)?_c")

    def key(self, name):
        """The column of a file with that name, or None."""
        stem, _, ending = name.rpartition(".")
        word, ending = plain(stem), ending.lower()
        if ending == "md":
            found = re.search(r"(?:^|_)report_?0?(\d{1,2})(?!\d)", word)
            found = {f"report-{int(found[1]):02}"} if found else set()
        elif ending != "c":
            return None
        elif task := re.search(r"(?:^|_)task_?0?(\d)(?!\d)", word):
            found = {f"task-{task[1]}"}
        elif not (found := {k for k, n in self.named.items() if f"_{n}_" in f"_{word}_"}):
            found = re.findall(r"(?<![^_])\d{1,2}(?![^_])", word)
            if re.match(r"\d{1,2}(_|$)", word):
                found = found[:1]
            else:  # after words, one digit may be anything
                found = [n for n in found if len(n) == 2]
            found = {n.zfill(2) for n in found}
        found &= self.keys
        return found.pop() if len(found) == 1 else None

    def ours(self, path, toolkits):
        """Is this file ours, or this folder (with / at its end), whatever
        is in it? `toolkits`: the folders that are copies of the toolkit."""
        parts = path.rstrip("/").split("/")
        if ".git" in parts or "__MACOSX" in parts or parts[-1].startswith("._"):
            return True
        for toolkit in toolkits:
            if not path.startswith(toolkit):
                continue
            first, *rest = path[len(toolkit):].split("/")
            if rest and first in ("build", "docs", "scripts", "tests"):
                return True
            if first == "lessons" and rest:
                if rest[1:] and rest[0] not in ("mistakes", "tasks"):
                    return True
                if not rest[1:] and re.match(r"\d\d_", rest[0]):
                    return True
        if path.endswith("/"):
            return False
        name = parts[-1]
        return os.path.exists(f"{ROOT}/lessons/{name}") or bool(
            self.lesson.fullmatch(plain(name))
        )


def read_file(name, fd):
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with open(os.open(name, flags, dir_fd=fd), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("it changed while grade was running")
        return file.read(LARGEST + 1)


TOO_MANY = ValueError("it holds too many files")
TOO_LARGE = ValueError("it is small, and would be very large when unpacked")


def in_archive(name, file, packed):
    """Yields path, mode, time and a function to read it for each member.
    Nothing is unpacked to the disk."""
    most = min(UNPACKED, max(RATIO * packed, 1 << 20))
    if packed > PACKED:
        raise ValueError(f"it is larger than {PACKED >> 20} MiB")
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > ENTRIES:
                raise TOO_MANY
            if sum(m.file_size for m in members) > most:
                raise TOO_LARGE
            for m in members:
                mode = stat.S_IFMT(m.external_attr >> 16) or stat.S_IFREG
                mode = stat.S_IFDIR if m.is_dir() else mode

                def read():
                    with archive.open(m) as member:
                        return member.read(LARGEST + 1)

                moment = datetime.datetime(*m.date_time).timestamp()
                yield m.filename.replace("\\", "/"), mode, moment, read
        return
    begins = file.read(2)
    file.seek(0)
    unpack = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}.get(begins)
    data = (unpack(file) if unpack else file).read(most + 1)
    if len(data) > most:
        raise TOO_LARGE
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for count, m in enumerate(archive):
            if count > ENTRIES:
                raise TOO_MANY
            mode = (
                stat.S_IFREG if m.isreg() else stat.S_IFDIR if m.isdir()
                else stat.S_IFIFO if m.isfifo() else stat.S_IFCHR if m.isdev()
                else stat.S_IFLNK
            )
            yield m.name, mode, m.mtime, lambda: archive.extractfile(m).read(LARGEST + 1)


def archive_members(names, prefix, fd, toolkits):
    """Like in_folder, for an archive."""
    name = prefix.rstrip("/").rpartition("/")[2]
    try:
        with open(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=fd), "rb") as file:
            # Twice, because what makes a toolkit may come late in it.
            size = os.fstat(file.fileno()).st_size
            for path, *_ in in_archive(name, file, size):
                for mark in "scripts/check", "lessons/narrate.h":
                    if f"/{path}".endswith(f"/{mark}"):
                        toolkits.add(prefix + path.removesuffix(mark))
            file.seek(0)
            for path, mode, moment, read in in_archive(name, file, size):
                leaves = path.startswith("/") or ".." in path.split("/")
                if leaves:
                    yield prefix + path, "its path leaves the archive", moment, None
                elif names.ours(prefix + path, toolkits) or stat.S_ISDIR(mode):
                    pass
                elif not stat.S_ISREG(mode):
                    yield prefix + path, kind(mode), moment, None
                else:
                    yield prefix + path, None, moment, read
    except Exception as error:  # whatever hostile bytes may lead to
        why = str(error) or type(error).__name__
        yield prefix.rstrip("/"), f"this archive cannot be used: {shown(why)}", 0, None


def in_folder(names, top, toolkits):
    """Yields for each file below a folder its path, why it is refused or
    None, its time and a function to read it, which works until the next.
    Follows no link, and leaves out what is ours."""
    count, unreadable = 0, []
    for at, folders, files, fd in os.fwalk(
        top, follow_symlinks=False, onerror=unreadable.append
    ):
        prefix = os.path.relpath(at, top) + "/"
        prefix = "" if prefix == "./" else prefix
        for mark in "scripts/check", "lessons/narrate.h":
            try:
                os.lstat(mark, dir_fd=fd)
                toolkits.add(prefix)
            except OSError:
                pass
        deep = prefix.count("/") >= DEPTH
        below = sorted(folders)
        folders.clear()  # those that are looked into come back
        for name in sorted(below + files):
            path = prefix + name
            count += 1
            if count > ENTRIES:
                yield path, "too many files: the rest is not looked at", 0, None
                return
            try:
                about = os.lstat(name, dir_fd=fd)
            except OSError as error:
                yield path, error.strerror, 0, None
                continue
            if stat.S_ISDIR(about.st_mode):
                if names.ours(path + "/", toolkits):
                    continue
                if deep:
                    yield path, "too many folders within folders", 0, None
                    continue
                folders.append(name)
                if names.key(name):
                    yield path, FOLDER, 0, None
            elif names.ours(path, toolkits):
                continue
            elif not stat.S_ISREG(about.st_mode):
                yield path, kind(about.st_mode), 0, None
            elif ARCHIVE.search(name):
                yield from archive_members(names, path + "/", fd, toolkits)
            else:
                yield path, None, about.st_mtime_ns / 1e9, lambda: read_file(name, fd)
    for error in unreadable:
        yield str(error.filename), "this folder cannot be read", 0, None


def take(student, names, top, columns):
    """Finds a student's pieces."""
    toolkits = set()

    def unfit(path, why):
        student.unfit.append(f"{shown(path)}: {why}")

    def refuse(path, why):
        student.refused.append(f"{shown(student.folder)}/{shown(path)}: {why}")

    for path, why, moment, read in in_folder(names, top, toolkits):
        name = path.rpartition("/")[2]
        key = names.key(name)
        if why:
            unfit(path, why)
            if why != FOLDER:
                refuse(path, why)
            continue
        if key is None:
            within = any(path.startswith(toolkit) for toolkit in toolkits)
            # In a toolkit, only a program may be the student's.
            if not within or name.endswith(".c") and name != "as_shipped.c":
                unfit(path, "fits no exercise, task or report")
            continue
        if key not in columns:
            continue
        piece = Piece(path, moment, status=-1)
        try:
            piece.data = read()
            if len(piece.data) > LARGEST:
                raise OSError("it is too large, 256 KiB at most")
        except Exception as error:  # of an archive, too
            piece.status, piece.data = NOT_JUDGED, b""
            piece.note = getattr(error, "strerror", None) or shown(str(error))
            refuse(path, piece.note)
        other = student.pieces.get(key)
        given = columns[key].shipped
        if given and piece.data.replace(b"\r\n", b"\n") == given:
            student.pieces.setdefault(key, Piece())
        elif other is None or not other.path:
            student.pieces[key] = piece
        elif piece.data == other.data:
            other.time = min(other.time, moment)
        else:
            if moment > other.time:
                student.pieces[key], piece, other = piece, other, piece
            unfit(piece.path, f"there is a newer one, {shown(other.path)}")
            student.older += 1


# ---- judging -----------------------------------------------------------


def write(path, data):
    """Replaces a file when the new one is complete."""
    new = path + ".new"
    try:
        if os.path.lexists(new):
            os.unlink(new)  # left by a run that was killed; or someone's link
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(fd, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        os.replace(new, path)
    except OSError as error:
        cannot_write(path, error)


def cannot_write(path, error):
    full = " when the disk has space again" if error.errno in (28, 122) else ""
    stop(1, f"{shown(path)} cannot be written: {error.strerror}. What was judged"
            f" is kept; the same command goes on from there{full}")


def make_folder(path):
    try:
        os.makedirs(path, 0o700, exist_ok=True)
    except OSError as error:
        cannot_write(path, error)


def sum_of(data):
    return hashlib.sha256(data).hexdigest()


def judge_report(piece):
    text = piece.data.decode("utf-8", "replace")
    output = re.search(r"\n## Output\n(.*?)(?=\n## |\Z)", text, re.S)
    left = text.count("(write here)")
    piece.status = NOT_YET
    if "\0" in text:
        piece.note = "it is not a text file"
    elif not output or "\nRun on " not in output[1]:
        piece.note = 'there is no "Run on ..." under "## Output"'
    elif left:
        piece.note = f"{left} of its parts {'is' if left == 1 else 'are'} not written"
    else:
        piece.status = RIGHT


@dataclass
class Job:
    """A piece to be judged: where its copy is, and where the verdict."""

    piece: Piece
    column: Column
    copy: str
    kept: str
    process: subprocess.Popen = None
    words: int = -1  # a descriptor for what the judge says
    began: float = 0

    def mark(self):
        return f"{sum_of(self.piece.data)} {self.column.sum} "

    def start(self, place):
        self.words, self.began = os.memfd_create("words"), time.monotonic()
        judge = f"{ROOT}/build/judge/{self.column.judge}"
        self.process = subprocess.Popen(
            [judge, *place, self.copy], cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=self.words, stderr=self.words, preexec_fn=become_judge,
        )

    def take(self):
        """Takes the verdict. False if there should be a second one: the
        machine may have been too slow, or have lacked something."""
        piece, code = self.piece, self.process.returncode
        took = time.monotonic() - self.began
        said = os.pread(self.words, LARGEST, 0).decode("utf-8", "replace")
        os.close(self.words)
        piece.said = said
        piece.status = code if code in (RIGHT, NOT_YET) else NOT_JUDGED
        if piece.status == NOT_JUDGED:
            piece.said, last = "", said.strip().rpartition("\n")[2]
            piece.note = shown(last)
            if code < 0:
                piece.note = f"its judge was ended by signal {-code}"
            return False
        piece.note = ""
        if code == NOT_YET and said.endswith(": not yet. It does not compile.\n"):
            piece.status = NO_PROGRAM
        return piece.status != NOT_YET or took < WAIT

    def keep(self):
        write(self.kept, f"{self.mark()}{self.piece.status}\n{self.piece.said}")


LIBC, OURSELVES = ctypes.CDLL(None), os.getpid()


def become_judge():
    """In the child: a judge ends when we do, and Ctrl-C reaches only us."""
    LIBC.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
    if os.getppid() != OURSELVES:
        os._exit(127)
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Progress:
    def __init__(self, total):
        self.total, self.done = total, 0
        self.began = self.told = time.monotonic()
        self.screen = sys.stderr.isatty()

    def tell(self):
        now, last = time.monotonic(), self.done == self.total
        if not last and now - self.told < (0.5 if self.screen else 10):
            return
        self.told = now
        text = f"grade: {self.done} of {self.total} judged"
        if not last and self.done and now - self.began > 3:
            left = (now - self.began) * (self.total - self.done) / self.done
            text += f", about {left:.0f} s left"
        ends = "" if self.screen and not last else "\n"
        print(("\r" + text.ljust(50)) if self.screen else text, end=ends,
              file=sys.stderr, flush=True)


def judge_round(due, at_once, place, second):
    """Judges what is due, so many at once. Returns what may be wrong."""
    doubtful, running, waiting = [], [], due[::-1]
    progress = Progress(len(due))
    signals = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(waiting.pop())
                running[-1].start(place)
            came = signal.sigtimedwait(signals, 0.2)
            if came and came.si_signo != signal.SIGCHLD:
                stop_at(came.si_signo, progress)
            for job in running[:]:
                if time.monotonic() - job.began > LONGEST:
                    job.process.kill()
                if job.process.poll() is None:
                    continue
                running.remove(job)
                progress.done += 1
                if not job.take() and not second:
                    doubtful.append(job)
                elif job.piece.status != NOT_JUDGED:
                    job.keep()
            progress.tell()
    except OSError as error:
        stop(1, f"no judge can be started: {error.strerror}")
    finally:
        for job in running:
            if job.process:
                job.process.terminate()
        for job in running:
            if job.process:
                job.process.wait()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    return doubtful


def stop_at(number, progress):
    stop(128 + number, f"interrupted, {progress.done} of {progress.total} judged; the"
                       " same command goes on from there")


def prepare(student, columns, logs):
    """Judges the reports, stores copies of the programs, takes over old
    verdicts. Returns what is still to be judged."""
    due, at = [], f"{logs}/judged/{file_name(student.folder)}"
    for key, column in columns.items():
        piece = student.pieces.get(key)
        if piece is None or piece.status != -1:
            continue
        if not column.judge:
            judge_report(piece)
            continue
        make_folder(at)
        job = Job(piece, column, f"{at}/{key}.c", f"{at}/{key}.txt")
        try:
            with open(job.kept, encoding="utf-8", errors="replace") as file:
                first, _, said = file.read().partition("\n")
        except OSError:
            first = ""
        if re.fullmatch(re.escape(job.mark()) + "[0-3]", first):
            piece.status, piece.said = int(first[-1]), said
        else:
            write(job.copy, piece.data)
            due.append(job)
    return due


def where(judge, trust):
    """How judges are to be called, and a line on where they run."""
    if trust:
        return ["-t"], (
            "--trust: neither room nor fence. Each program can read, change and"
            " remove all that you can, grades and other hand-ins too"
        )
    asked = subprocess.run(
        [f"{ROOT}/build/judge/{judge}", "-n"], cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
    )
    said = " ".join(asked.stdout.split())
    if asked.returncode != 0:
        stop(1, said.removeprefix("judge: "))
    return ([], re.sub(r"^where", "each runs", said)) if said else (["-k"], "")


# ---- what is written ---------------------------------------------------


def parts_of(piece):
    """How many parts of a task its judge has seen right, if not all. What
    a program prints begins no line of what the judge says."""
    said = piece.said if piece.status == NOT_YET else ""
    return re.search(r"^  so far +(\d+) of (\d+) parts", said, re.M)


def points_of(student, column):
    """A task that is not done yet counts by what its judge has seen right."""
    piece = student.pieces.get(column.key)
    if piece is None:
        return 0.0
    if parts := parts_of(piece):
        return round(column.points * int(parts[1]) / int(parts[2]), 2)
    return column.points if piece.status == RIGHT else 0.0


def total_of(student, columns):
    return sum(points_of(student, column) for column in columns.values())


def word(piece, column):
    if piece is None:
        return ""
    if parts := parts_of(piece):
        return f"not yet: {parts[1]} of {parts[2]} parts"
    return WORDS[piece.status] or column.word


def late_keys(student, due):
    return [k for k, p in student.pieces.items() if p.path and due and p.time > due]


def log_of(student, columns, due):
    text = [shown(student.folder), ""]
    late = late_keys(student, due)
    for key, column in columns.items():
        piece = student.pieces.get(key)
        if not piece or not piece.path:
            continue
        text += [
            f"{key}: {word(piece, column)}",
            f"  file      {shown(piece.path)}",
            f"  changed   {clock(piece.time)}{', late' if key in late else ''}",
        ]
        if piece.note:
            text.append(f"  why       {piece.note}")
        text += [piece.said]
    missed = [k for k, p in student.pieces.items() if not p.path]
    if missed:
        text += [f"Not attempted: {' '.join(sorted(missed))}", ""]
    if student.unfit:
        text += ["Not judged:", *(f"  {u}" for u in student.unfit[:NAMED])]
    if len(student.unfit) > NAMED:
        text.append(f"  and {len(student.unfit) - NAMED} more")
    return "\n".join(text) + "\n"


TABLE_BEGINS = "student,id,email,time,late,done,points,of,"
MOODLE_BEGINS = "Identifier,Full name,ID number,Email address,Grade,Maximum Grade\n"
CANVAS_BEGINS = "Student,ID,SIS User ID,SIS Login ID,Section,"


def imported(args):
    return f"{args.o.removesuffix('.csv')}-{args.format}.csv"


def table_of(students, columns, most, due):
    text = [TABLE_BEGINS + ",".join([*columns, "older", "unfit"]) + "\n"]
    for student in students:
        pieces, row = student.pieces, student.row
        times = [p.time for p in pieces.values() if p.path]
        text.append(line([
            student.folder, row.get("id", ""), row.get("email", ""),
            clock(max(times)) if times else "", " ".join(sorted(late_keys(student, due))),
            sum(p.status == RIGHT for p in pieces.values()),
            float(total_of(student, columns)), float(most),
            *(word(pieces.get(k), c) for k, c in columns.items()),
            student.older, len(student.unfit) - student.older,
        ]))
    return "".join(text)


def moodle_of(students, columns, most):
    """As Moodle's "Upload grading worksheet" takes it."""
    text = [MOODLE_BEGINS]
    for student in students:
        person = re.match(r"(.*)_(\d+)_assign", student.folder)
        row = student.row
        text.append(line([
            f"Participant {person[2]}" if person else "",
            row.get("name") or (person[1] if person else student.folder),
            row.get("id", ""), row.get("email", ""),
            float(total_of(student, columns)), float(most),
        ]))
    return "".join(text)


def canvas_of(students, columns, most, title):
    """As Canvas's gradebook imports it."""
    text = [CANVAS_BEGINS + line([title])]
    text.append(line(["    Points Possible", "", "", "", "", float(most)]))
    for student in students:
        row = student.row
        text.append(line([
            row.get("name") or student.folder,
            row.get("canvas_id", ""),
            row.get("sis_user_id") or row.get("id", ""),
            row.get("sis_login_id") or row.get("email", ""),
            row.get("section", ""), float(total_of(student, columns)),
        ]))
    return "".join(text)


def results_of(student, columns, most):
    """As Gradescope takes it from an autograder."""
    tests = []
    for key, column in columns.items():
        piece = student.pieces.get(key)
        tests.append({
            "name": key, "score": points_of(student, column), "max_score": column.points,
            "status": "passed" if piece and piece.status == RIGHT else "failed",
            "output": "\n".join(
                filter(None, [word(piece, column) or "nothing handed in",
                              piece and piece.note, piece and piece.said])),
        })
    whole = {"score": total_of(student, columns), "max_score": most, "tests": tests}
    return json.dumps(whole, indent=1)


def bare(column, data):
    """A program without white space and comments; of a report, its run."""
    text = data.decode("utf-8", "replace")
    if not column.judge:
        run = re.search(r"\n## Output\n.*?(\nRun on .*?)(?=\n## |\Z)", text, re.S)
        return "".join(run[1].split()) if run else ""
    kept = re.sub(
        r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|//[^\n]*|/\*.*?\*/|\\\n|\s+""",
        lambda found: found[1] or "", text, flags=re.S,
    )
    return kept


def copies_of(students, columns):
    """Lists what is the same, without a verdict on it."""
    text = [
        "The same but for white space and comments; of reports, the same run.\n"
        "Who mends one line of one program hands in what many hand in.\n"
    ]
    for key, column in columns.items():
        groups, given = {}, bare(column, column.shipped)
        for student in students:
            piece = student.pieces.get(key)
            rest = bare(column, piece.data) if piece and piece.data else given
            if rest and rest != given:
                groups.setdefault(sum_of(rest.encode()), []).append((student, piece))
        for group in groups.values():
            if len(group) > 1:
                text.append(f"\n{key}: {len(group)} the same\n")
                text += [f"    {shown(s.folder)}: {shown(p.path)}\n" for s, p in group]
    return "".join(text)


# ---- the whole ---------------------------------------------------------


class Parser(argparse.ArgumentParser):
    def error(self, message):
        stop(2, f"{message}; scripts/grade -h tells what is expected")


def options():
    parser = Parser(prog="grade", add_help=False, allow_abbrev=False)
    parser.add_argument("-o", default="grades.csv")
    parser.add_argument("-j", default=str(8 * (os.cpu_count() or 1)))
    parser.add_argument("--only")
    parser.add_argument("--points", default="1")
    parser.add_argument("--roster")
    parser.add_argument("--due")
    parser.add_argument("--format", choices=("moodle", "canvas"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trust", action="store_true")
    parser.add_argument("folder", nargs="*")
    args = parser.parse_args()
    if len(args.folder) != 1 or not args.folder[0]:
        stop(2, "which folder? Give one that holds a folder per student")
    args.folder = args.folder[0]
    if not re.fullmatch("[1-9][0-9]?", args.j):
        stop(2, f"-j: '{shown(args.j)}' is not a number from 1 to 99")
    if args.due:
        try:
            due = datetime.datetime.fromisoformat(args.due)
        except ValueError:
            stop(2, f"--due: '{shown(args.due)}' is not like 2026-11-30, or"
                    " '2026-11-30 18:00'")
        # A day alone means its end.
        args.due = due.timestamp() + 86400 * (len(args.due) == 10)
    return args


def check_table(path, ours):
    """Refuses a table that may not be written; one of ours begins so."""
    name = shown(path)
    folder, _, base = path.rpartition("/")
    if not re.fullmatch(r".+\.csv", base, re.S):
        stop(2, f"the table's name must end in .csv, not '{name}'")
    if os.path.lexists(path) and not (os.path.isfile(path) and not os.path.islink(path)):
        stop(2, f"'{name}' exists and is not a regular file")
    if os.path.exists(path):
        with open(path, "rb") as file:
            begins = file.read(len(ours))
        if begins and begins != ours.encode():
            stop(2, f"'{name}' exists and is not one of our tables, so it stays;"
                    " give -o another name")
    if not os.access(folder + "/" if folder else ".", os.W_OK):
        stop(2, f"'{name}' cannot be written; -o names a table in a folder that"
                " is yours")


def students_in(folder, table):
    """The students' folders, and what else lies beside them."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        why = {
            2: f"there is no folder '{shown(folder)}'",
            20: f"'{shown(folder)}' is a file; give the folder that holds one"
                " folder per student",
        }.get(error.errno, f"'{shown(folder)}' cannot be read: {error.strerror}")
        stop(2, why)
    students, stray = [], []
    logs = os.path.realpath(table.removesuffix(".csv") + "-logs")
    for entry in found:
        path = os.path.join(folder, entry.name)
        if os.path.realpath(path) == logs or (
            entry.name.endswith("-logs")
            and os.path.isfile(path.removesuffix("-logs") + ".csv")
        ):
            continue
        if entry.is_dir(follow_symlinks=False):
            students.append(Student(entry.name))
        elif not entry.name.endswith(".csv"):
            stray.append(f"not a student's folder: {shown(entry.name)}")
    if not students:
        stop(2, f"there is no student's folder in '{shown(folder)}'; it must hold"
                " one folder per student")
    return students, stray[:10] + ([f"and {len(stray) - 10} more"] if stray[10:] else [])


def lock(logs):
    for folder in "", "/logs", "/judged":
        make_folder(logs + folder)
    try:
        fd = os.open(f"{logs}/lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        cannot_write(f"{logs}/lock", error)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        stop(1, f"another scripts/grade is writing {shown(logs)}; wait for it")


def build_judges(columns):
    judges = [column.judge for column in columns.values() if column.judge]
    command = [f"{ROOT}/scripts/judge/build", *judges]
    if judges and subprocess.run(command).returncode != 0:
        stop(1, "the judges cannot be built; the line above says why")
    for column in columns.values():
        if column.judge:
            with open(f"{ROOT}/build/judge/{column.judge}", "rb") as file:
                column.sum = sum_of(file.read())
    return judges


def write_all(args, students, columns, logs):
    most = sum(column.points for column in columns.values())
    feedback = io.BytesIO()
    with zipfile.ZipFile(feedback, "w", zipfile.ZIP_DEFLATED) as packed:
        for student in (student for student in students if not student.missing):
            name, log = file_name(student.folder), log_of(student, columns, args.due)
            write(f"{logs}/logs/{name}.txt", log)
            packed.writestr(f"{name}/feedback.txt", log)
            if args.json:
                make_folder(f"{logs}/results/{name}")
                write(f"{logs}/results/{name}/results.json",
                      results_of(student, columns, most))
    write(f"{logs}/copies.txt", copies_of(students, columns))
    if args.format == "moodle":
        write(f"{logs}/feedback.zip", feedback.getvalue())
        write(imported(args), moodle_of(students, columns, most))
    elif args.format == "canvas":
        title = os.path.basename(args.o).removesuffix(".csv")
        write(imported(args), canvas_of(students, columns, most, title))
    write(args.o, table_of(students, columns, most, args.due))


def main():
    for number in signal.SIGINT, signal.SIGPIPE:
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o022)
    args = options()
    args.o = os.path.abspath(args.o) if not args.o.endswith("/") else args.o
    everything = all_columns()
    names = Names(everything)
    columns = everything
    if args.only:
        chosen = keys_of(args.only, everything)
        columns = {key: c for key, c in everything.items() if key in chosen}
    set_points(args.points, everything)
    roster = read_roster(args.roster) if args.roster else []
    check_table(args.o, TABLE_BEGINS)
    if args.format:
        begins = MOODLE_BEGINS if args.format == "moodle" else CANVAS_BEGINS
        check_table(imported(args), begins)
    students, remarks = students_in(args.folder, args.o)
    judges = build_judges(columns)
    place, told = where(judges[0], args.trust) if judges else ([], "")
    logs = args.o.removesuffix(".csv") + "-logs"
    lock(logs)

    due = []
    for student in students:
        take(student, names, os.path.join(args.folder, student.folder), columns)
        due += prepare(student, columns, logs)
    if not args.only:  # a report that nobody wrote was not asked for
        columns = {
            key: column for key, column in columns.items()
            if column.judge or any(key in student.pieces for student in students)
        }
    if due and told:
        print(f"grade: {told}", file=sys.stderr)
    at_once = min(int(args.j), MOST_JOBS)
    # With fewer at once, what was slow because of the others is not. With
    # more, 3 of 1800 verdicts were wrong, beside 50 busy programs.
    doubtful = judge_round(due, at_once, place, False)
    judge_round(doubtful, max(1, at_once // 2), place, True)

    if roster:
        remarks = join(students, roster) + remarks
    write_all(args, students, columns, logs)
    status = tell(args, students, remarks, logs)
    refused = [text for student in students for text in student.refused]
    for text in refused[:20]:
        print(f"grade: {text}", file=sys.stderr)
    if refused[20:]:
        print(f"grade: and {len(refused) - 20} more; the logs name them", file=sys.stderr)
    return 2 if refused else status


def tell(args, students, remarks, logs):
    """Prints the result in a few lines. Returns the exit status."""
    pieces = [piece for student in students for piece in student.pieces.values()]
    count = [sum(piece.status == status for piece in pieces) for status in range(5)]
    older = sum(student.older for student in students)
    unfit = sum(len(student.unfit) for student in students) - older
    here = sum(not student.missing for student in students)
    print(f"students: {here}; right: {count[RIGHT]}, not yet: {count[NOT_YET]},"
          f" not compiled: {count[NO_PROGRAM]}, not judged: {count[NOT_JUDGED]},"
          f" not attempted: {count[NOT_ATTEMPTED]}")
    if unfit or older:
        print(f"files that fit nothing: {unfit}, that have a newer one: {older};"
              " the logs name them")
    for remark in remarks:
        print(remark)
    print(f"table: {shown(args.o)}\nlogs: {shown(logs)}/logs, {shown(logs)}/copies.txt")
    try:
        sys.stdout.flush()
    except OSError as error:
        stop(1, f"the result cannot be printed: {error.strerror}")
    return 1 if count[NOT_JUDGED] else 0


if __name__ == "__main__":
    sys.exit(main())
