#!/usr/bin/env python3
"""Breaks the ledger, one rule at a time, and sees that the tests of money notice.

Run from the project's folder after a build: tests/funds/mutants.py [BUILD_FOLDER]
Ends with 1 when a broken ledger passed, or when a place to break is no longer there.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys

FUNDS = 'engine/funds'

# The rule that is dropped, what stands there, and what in its place.
MUTANTS = [
    ('reports that share a name are of one payment',
     'if (provider == provider_before && name == name_before) groups.Join(at, before);',
     '(void)at, (void)before;'),
    ('payments of two providers are two',
     'names.emplace_back(provider, name, i);', 'names.emplace_back("", name, i);'),
    ('a final report outranks one that is pending',
     'return std::tuple(final, report.head.at,', 'return std::tuple(true, report.head.at,'),
    ('of two final reports the later counts',
     'return std::tuple(final, report.head.at,', 'return std::tuple(final, EventTime{},'),
    ('of one moment the worse counts',
     'return takes == done ? 1 : 0;', 'return takes == done ? 0 : 1;'),
    ('of one moment the smaller capture and the larger refund count',
     'more_is_worse ? amount : -amount', 'more_is_worse ? -amount : amount'),
    ('what is in review is not paid',
     'if (c.state != CaseState::kOpen) continue;',
     'if (c.state != CaseState::kOpen || IsReview(c.kind)) continue;'),
    ('what is disputed is not paid',
     'std::int64_t disputed = part.disputed;', 'std::int64_t disputed = 0;'),
    ('review and success of one moment: in review',
     'return (paid || back) && m.at > time;', 'return (paid || back) && m.at >= time;'),
    ('a case that has ended stays so',
     'end == nullptr || (report->head.at > end->head.at && report->kind > before);', 'true;'),
    ('a warning is over once a dispute has come',
     'if (came) warning.state = CaseState::kCleared;', '(void)came;'),
    ('a refund takes from what was captured',
     'captured - refunded - refund_pending', 'captured - refund_pending'),
    ('a refund that is under way does so too',
     'captured - refunded - refund_pending', 'captured - refunded'),
    ('a refund that failed takes nothing',
     'if (failed) so_far = std::max<std::int64_t>(0, so_far - m.amount.value_or(0));',
     '(void)failed;'),
    ('a chargeback takes money back',
     'sums.taken_back = taken.amount;', 'sums.taken_back = 0;'),
    ('a dispute that was won gives it back',
     'if (!won) Take(m.amount, m.undone);', 'Take(m.amount, m.undone); (void)won;'),
    ('a dispute and the chargeback in it take one sum',
     'if (!IsGivenBack(*m) && !IsOfLost(*m)) Take', 'if (!IsGivenBack(*m)) Take'),
    ('a chargeback of another capture is another matter',
     'if (chargeback.names.empty() || c.names.empty()) return true;', 'return true;'),
    ('what is released is no longer promised',
     'if (m.state == MovementState::kSucceeded) sums.voided += amount;', ''),
    ('a part that failed is what the word on the whole was about',
     'const bool overruled = parts.any && parts.failed_at >= whole.at;',
     'const bool overruled = false;'),
    ('also where another part has come',
     'const bool overruled = parts.any && parts.failed_at >= whole.at;',
     'const bool overruled = parts.any && !parts.done && parts.failed_at >= whole.at;'),
    ('a copy of a payment that is known is of its provider',
     'if (at != known.end() && at->first == name) return at->second;', ''),
    ('the method is what others than the shop say',
     'if (!head.method.empty() && (payment_.method.empty() || rank > method_rank_)) {',
     'if (!head.method.empty()) {'),
    ('a refund that was asked for later is not among what was told of',
     'm.was_asked && m.asked_at <= told_at &&', 'm.was_asked &&'),
    ('a case that names nothing is of the payment whose case has its number',
     'groups.Join(i, other->second);', ''),
    ('what came back pays for no later chargeback',
     'if (at <= given_at_) taken_before_', '(void)at; taken_before_'),
    ('an older copy of the order does not hide what went since',
     '&& last_against < copy.latest', ''),
    ('copies of a gift card and a card are two payments',
     'if (ArePartsOfOrder(copies, named)) return;', ''),
    ('a promise of unknown size is not enough',
     'allows(FundsCertainty::kReserved) && part.known', 'allows(FundsCertainty::kReserved)'),
    ('nor is a method that pays later believed',
     'head_.later = SaysPaysLater(head_.provider, payment.provider, payment.method);', ''),
    ('what is under way comes before what is promised',
     'under_way > sums_.paid && Covers(under_way)', 'false'),
    ('what is promised is not there',
     'sums_.paid += part.kept;', 'sums_.paid += part.kept + part.authorized;'),
    ('what is pending is not there',
     'sums_.paid += part.kept;', 'sums_.paid += part.kept + part.pending;'),
    ("a shop's copy does not count beside its provider",
     'if (Speaks(payment.provider) ||', 'if (false && Speaks(payment.provider) ||'),
    ("of a shop's copies the last counts",
     'if (rank(copies[i]) > rank(copies[0])) std::swap(copies[0], copies[i]);', '(void)rank;'),
    ('what was paid does not grow with the total',
     'last.amounts.captured = std::min(last.amounts.captured, before.amounts.captured);', ';'),
    ("a shop's word on a gateway that takes no money at once is not believed",
     'terms_.TrustsShop(payment.provider, payment.method, payment.later, named)', 'true'),
    ('nor, without a transaction, on one whose provider reports itself',
     '(named || !payment.connected)', 'true'),
    ('the tolerance is less than a minor unit',
     'return amount + tolerance_ >= due_;', 'return amount + tolerance_ + 1 >= due_;'),
    ('a status of a transaction is a movement of it',
     'return move(MovementKind::kCapture, MovementState::kFailed);', 'return;'),
]


def command_of(build, source):
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        if entry['file'].endswith(source):
            return shlex.split(entry['command'])
    raise SystemExit('no command compiles ' + source)


def break_once(root, old, new):
    """The one file that has `old`, and its text with `new` in that place."""
    found = [(path, path.read_text()) for path in sorted((root / FUNDS).iterdir())
             if old in path.read_text()]
    if len(found) != 1 or found[0][1].count(old) != 1:
        raise SystemExit(f'{FUNDS}: {[path.name for path, _ in found]} have: {old}')
    path, text = found[0]
    return str(path.relative_to(root)), text.replace(old, new)


def passes(root, build, folder, file, text):
    """Builds the tests with a file of `text` in the place of `file`; do they pass?"""
    sources = [file] if file.endswith('.cc') else [
        str(path.relative_to(root)) for path in sorted((root / FUNDS).glob('*.cc'))]
    # A header that is broken stands before the true one.
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    objects = []
    for source in sources:
        path = folder / source
        if source != file:
            path.write_text((root / source).read_text())
        command = command_of(build, source)
        command[command.index('-c') + 1] = str(path)
        target = str(path) + '.o'
        command[command.index('-o') + 1] = target
        command[1:1] = ['-w', '-iquote', str(folder)]
        subprocess.run(command, cwd=build, check=True)
        objects.append(target)
    link = subprocess.run(['ninja', '-t', 'commands', 'holdfast_tests'], cwd=build, check=True,
                          capture_output=True, text=True).stdout.strip().splitlines()[-1]
    link = link.split('&&')[1].strip()
    words = shlex.split(link)
    target = str(folder / 'tests')
    words[words.index('-o') + 1] = target
    first = next(i for i, word in enumerate(words) if word.endswith('.o'))
    words[first:first] = objects
    subprocess.run(words, cwd=build, check=True)
    environment = dict(os.environ, HOLDFAST_LIVES='4000', HOLDFAST_SEED='19')
    ran = subprocess.run([target, '--source-file=*funds*', '--abort-after=1'], cwd=root,
                         env=environment, capture_output=True)
    return ran.returncode == 0


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else root / 'build/release').resolve()
    missed = []
    for number, (rule, old, new) in enumerate(MUTANTS, 1):
        folder = build / 'mutants' / str(number)
        file, text = break_once(root, old, new)
        noticed = not passes(root, build, folder, file, text)
        print(f'{number:2} {"noticed" if noticed else "NOT NOTICED"}: {rule}', flush=True)
        if not noticed:
            missed.append(rule)
    print(f'{len(MUTANTS) - len(missed)} of {len(MUTANTS)} broken ledgers noticed')
    return 1 if missed else 0


sys.exit(main())
