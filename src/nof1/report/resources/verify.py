"""Check a trial without nof1: python3 verify.py [FOLDER ["the line that was published"]]

Standard library alone. FOLDER (else that of this file) holds evidence/events.jsonl, heads.txt and locked/.
Lines are PASS, FAIL or NOT PROVABLE; exit 1 after a FAIL. The bytes are those of ARCHITECTURE, version 1. """
import hashlib, hmac, json, sys
from functools import lru_cache
from itertools import count
from math import factorial, prod
from pathlib import Path
KINDS = ("randomized_blocks", "balanced")  # whose space is recomputed here
MEASURED = ("scores_entered", "run_recorded", "scores_imported")
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LIMITS = {
    "open_label": "that the order was drawn once, and not again until it pleased",
    "third_party": "that the preparer drew once, told nobody, and packed what the list says",
    "self_blinded": "that boxes were neither opened nor exchanged, and that the order was drawn once",
    "imported": "how this trial was drawn, blinded and run: it was imported when it was finished",
}
def frame(*fields):
    raw = [field if isinstance(field, bytes) else field.encode() for field in fields]
    return b"".join(len(field).to_bytes(4, "big") + field for field in raw)
def sha(*fields): return hashlib.sha256(frame(*fields)).digest()
def mac(key, *fields): return hmac.new(key, frame(*fields), hashlib.sha256).digest()
def draw(key, size, label):  # one integer, uniform on 0 … size - 1
    if size == 1: return 0
    bits, size_bytes = (size - 1).bit_length(), size.to_bytes((size.bit_length() + 7) // 8, "big")
    for attempt in count():
        head = ("nof1/draw/v1", label, size_bytes, attempt.to_bytes(4, "big"))
        stream = b"".join(mac(key, *head, i.to_bytes(4, "big")) for i in range((bits + 255) // 256))
        value = int.from_bytes(stream[: (bits + 7) // 8], "big") & ((1 << bits) - 1)
        if value < size: return value
def flat(value): return value if isinstance(value, list) else [value]
def letters(value, length): return "".join(ALPHABET[value // 31**i % 31] for i in reversed(range(length)))
def kit_codes(key, n):
    values = dict.fromkeys(draw(key, 31**5, f"code/{i}") for i in range(n + 40))  # repeats are skipped
    texts = [letters(value, 5) for value in list(values)[:n]]
    return [f"K-{t}{ALPHABET[sum(j * ALPHABET.index(c) for j, c in enumerate(t, 2)) % 31]}" for t in texts]
@lru_cache(maxsize=None)
def ways(left, last, run, most):  # orders of what is left in each sack; with `most`, no longer run in the one sack that there is
    if most is None: return prod(factorial(sum(sack)) // prod(map(factorial, sack)) for sack in left)
    return (not any(left[0])) or sum(
        ways(((*left[0][:i], n - 1, *left[0][i + 1 :]),), i, run + 1 if i == last else 1, most)
        for i, n in enumerate(left[0]) if n and (i, run) != (last, most)
    )
def walk(space, index=None, sequence=None):  # the sequence of a number, the number of a sequence (None: no such), or how many
    if index is None and sequence is None:
        return ways(tuple(map(tuple, space[2])), None, 0, space[3])
    (sack_of, symbols, counts, most), made, rank, last, run = space, [], 0, None, 0
    left, index = [list(sack) for sack in counts], index or 0
    for position, sack in enumerate(sack_of):
        for i, symbol in enumerate(symbols[sack]):
            length = run + 1 if i == last else 1
            if not left[sack][i] or length > (most or length): continue
            left[sack][i] -= 1
            onward = ways(tuple(map(tuple, left)), i, length, most)
            if symbol == sequence[position] if sequence else index < onward:
                made, run, last = [*made, symbol], length, i
                break
            left[sack][i] += 1
            index, rank = index - onward, rank + onward
        else: return None
    return rank if sequence else made
def space_of(protocol, sacks=None):  # orders of a design, or with `sacks` of the codes; None: rows, not recomputed here
    design, names = protocol["design"], [code for code, _ in protocol["conditions"]]
    is_blocks, k = design["kind"] == "randomized_blocks", len(names)
    n = int(design["periods"] or 0) or int(design["blocks"] or 1) * k * (int(design["per_block"]) if is_blocks else 1)
    per_sack = int(design["per_block"]) * k if is_blocks else n
    sack_of = [position // per_sack for position in range(n)]
    if sacks: return sack_of, sacks, [[1] * len(sack) for sack in sacks], None
    most = int(design["max_run"]) if design["max_run"] and int(design["max_run"]) < n // k else None
    share = [[per_sack // k] * k] * (n // per_sack)
    return (sack_of, [names] * len(share), share, most) if design["kind"] in KINDS else None
def longer(protocol, n): return {**protocol, "design": {**protocol["design"], "blocks": str(n)}}
def space_done(protocol, opened):  # of the blocks that were done: fewer after a stop, more with added ones, as recorded
    is_counted = protocol["design"]["kind"] == "randomized_blocks" and opened.get("sequence_rank") is not None
    spaces = (space_of(longer(protocol, n)) for n in range(1, 401 if is_counted else 1))
    return next((space for space in spaces if walk(space) >= int(opened["space_size"])), space_of(protocol))
def redraw(key, protocol, label, sacks=None):  # a trial and its spare blocks; None where the space is not recomputed here
    one, n = longer(protocol, 1), int(protocol["blinding"]["spare_blocks"])
    parts = [(space_of(protocol, sacks and sacks[: len(sacks) - n]), label)]
    parts += [(space_of(one, sacks and [sacks[j - n]]), f"{label}/S{j + 1}") for j in range(n)]
    drawn = [space and walk(space, draw(key, walk(space), name)) for space, name in parts]
    return None if None in drawn else sum(drawn, [])
def checks(rows, heads, locked, line=None):  # (what, True, False or None for NOT PROVABLE, in words) for every line
    head, hashes, broken = bytes(32), [], []
    for n, row in enumerate(rows, 1):
        told = {k: str(v) if type(v) is int else v for k, v in row.items() if k not in ("hash", "prev_hash")}
        made = sha("nof1/event/v1", head, json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
        broken += [f"event {n}"] * ((row["seq"], row["prev_hash"], row["hash"]) != (n, head.hex(), made.hex()))
        hashes, head = [*hashes, row["hash"]], made
    yield "chain", not broken, f"{len(rows)} events; not as written: {', '.join(broken[:3]) or 'none'}"
    anchors = [h.split() for h in heads.splitlines() if h.strip() and h[0] != "#"]
    lost = [a[0] for a in anchors if hashes[int(a[0]) - 1 : int(a[0])] != [a[1]]]
    yield "heads", bool(anchors) and not lost, f"{len(anchors)} kept; not in the chain: {', '.join(lost) or 'none'}"
    events = [(row["seq"], row["kind"], json.loads(row["payload"])) for row in rows]
    at, last = {kind: seq for seq, kind, _ in events}, {kind: event for _, kind, event in events}
    begun, opened = last.get("trial_randomized") or last["trial_imported"], last.get("unblinded")
    mode = begun["mode"] if "trial_randomized" in last else "imported"
    digest = hashlib.sha256(begun["protocol_canonical"].encode()).digest()
    told = f"its bytes give {digest.hex()[:12]}…, registered was {begun['protocol_sha256'][:12]}…"
    yield "protocol", digest.hex() == begun["protocol_sha256"], told
    files = {file["name"]: file["sha256"] for file in last.get("locked", {"files": []})["files"]}
    wrong = [name for name in files if hashlib.sha256(locked.get(name, b"")).hexdigest() != files[name]]
    wrong += [f"{name} (added)" for name in set(locked) - {*files, "allocation.csv", "trial.json"}]
    order = [code for _, kind, e in events if kind in ("trial_randomized", "trial_extended") for code in e["kits"]]
    kits = opened["allocation"] if opened else [{"period": n, "condition": code} for n, code in enumerate(order, 1)]
    given = [f"{kit.get('period') or ''},{kit.get('kit') or ''},{kit['condition'] or ''}" for kit in kits]
    told, needed = {*locked.get("allocation.csv", b"").decode().split()[1:]}, {g for g in given if opened and g[0] != ","}
    wrong += ["allocation.csv"] * (not needed <= told <= {*given})
    about = json.loads(locked.get("trial.json", b"{}"))
    held = {name: digest for name, digest in about.get("files", {}).items() if name != "allocation.csv"}
    wrong += ["trial.json"] * ((about.get("imported"), held) != (mode == "imported", files))
    yield "locked data", not wrong if files else None, f"{len(files)} files; changed: {', '.join(wrong) or 'none'}"
    yield "limits", None, LIMITS[mode]
    steps = [at[kind] for kind in ("trial_randomized", "trial_imported", "locked", "unblinded") if kind in at]
    steps[1:1] = [n for n, kind, _ in events if kind in (*MEASURED, "dose_recorded")][:1]
    scores = {n: flat(e.get("rows", e)) for n, kind, e in events if kind in MEASURED and mode != "imported"}
    times = [t for some in scores.values() for e in some for t in flat(e.get("observed_at")) if t]  # rows: each, or by column
    doses = [e for _, kind, e in events if kind == "dose_recorded" and e["taken"]]
    early = sum(t[:-1] < rows[0]["recorded_at"][:-1] for t in times) + sum(e["taken_on"] < begun["start_on"] for e in doses)
    late = sum(n > at.get("locked", n) > at.get("unlocked", 0) for n, kind, _ in events if kind in (*MEASURED, "score_corrected"))
    fine = steps == sorted(steps) and not early and not late and ("locked" in at or "unblinded" not in at)
    broken = ", ".join(e["kit"] for _, kind, e in events if kind == "blind_broken")
    yield "order", fine, f"events {steps}; {early} too early, {late} after the lock; emergencies: {broken or 'none'}"
    if mode == "imported": return
    for j, part in enumerate([begun, *[e for _, kind, e in events if kind == "trial_extended"]]):
        yield from part_checks(mode, part, j, opened, events, None if j else line)
    kits, protocol, allocation = begun["kits"], json.loads(begun["protocol_canonical"]), (opened or {}).get("allocation", [])
    planned = sorted((kit for kit in allocation if kit.get("period")), key=lambda kit: int(kit["period"]))
    space = space_done(protocol, opened or {})
    sequence = (kits if mode == "open_label" else [kit["condition"] for kit in planned])[: len(space[0]) if space else None]
    rank = walk(space, sequence=sequence) if space and sequence and all(sequence) else None
    told = (opened or {}).get("sequence_rank") or str(rank)
    text = f"number {rank} of {walk(space) if space else '?'}; the record says {told}"
    yield "sequence", str(rank) == told and rank is not None if space and sequence and all(sequence) else None, text
    codes = [kit["kit"] for kit in planned] or [k.partition("/")[2] for k in kits]
    odd = {f"{e['kit']} in period {e['period']}" for e in doses
           if e.get("kit") and e.get("period") and codes[int(e["period"]) - 1 :][:1] != [e["kit"]]}
    told = sum(kind in ("deviation_recorded", "kit_lost") for _, kind, _ in events)
    yield "kits used", len(odd) <= told, f"other than planned: {', '.join(sorted(odd)) or 'none'}; {told} deviations"
def part_checks(mode, part, j, opened, events, line):  # what was drawn at once: the trial, or an extension, a commitment of its own
    kits, protocol, tag = part["kits"], json.loads(part["protocol_canonical"]), f" of extension {j}" * (j > 0)
    blocks, codes = [kit.partition("/")[0] for kit in kits], [kit.partition("/")[2] for kit in kits]
    digest = hashlib.sha256(part["protocol_canonical"].encode()).digest()
    if j:  # its own blocks alone, and no spare ones
        protocol = longer(protocol, int(protocol["design"]["blocks"]) - int(part["after"])) | {"blinding": {"spare_blocks": "0"}}
    leaves = [bytes.fromhex(leaf) for leaf in part.get("leaves", [])]
    root = b"" if mode == "open_label" else sha("nof1/root/v1", *sorted(leaves))
    given = f"nof1/1 {mode} {digest.hex()} {sha('nof1/commitment/v1', mode, digest, root, *kits).hex()}"
    fine = part["published_line"] == given == (line or given) and (part.get("root") or "") == root.hex()
    yield f"commitment{tag}", fine, f"kits and leaves give {given}; compare it with what was published"
    own = [kit for kit in (opened or {}).get("allocation", []) if kit.get("kit") in codes]
    secret = part.get("secret") or [(opened or {}).get("secret"), *(opened or {}).get("more_secrets", []), None][j]
    yield f"draw{tag}", *draw_check(mode, part, own, events, protocol, digest, blocks, codes, secret)
    if opened and mode != "open_label":
        yield f"cards{tag}", *card_check(mode, own, dict(zip(codes, blocks)), leaves, digest)
def draw_check(mode, begun, own, events, protocol, digest, blocks, codes, secret):  # conditions, or the order of registered codes
    if not secret: return None, "that chance made the order: the secret is not known here"
    key = mac(bytes.fromhex(secret), "nof1/trial/v1", digest)
    if mode == "self_blinded":
        before = events[: [event for _, _, event in events].index(begun)]
        held = [e for _, kind, e in before if kind in ("kits_registered", "extension_registered") and e["protocol_sha256"] == digest.hex()]
        held = (held or [{"kits": [], "leaves": []}])[-1]
        sacks = [sorted(k[len(b) + 1 :] for k in held["kits"] if k.startswith(f"{b}/")) for b in dict.fromkeys(blocks)]
        fine = sorted(held["kits"]) == sorted(begun["kits"]) and held["leaves"] == begun["leaves"]
        return fine and redraw(key, protocol, "order", sacks) == codes, "labels first, then the secret orders them"
    made = redraw(key, protocol, "sequence")
    if made is None: return None, "a design of rows is not redrawn by this short program; nof1 verify does"
    if mode == "open_label": return made == begun["kits"], "the public secret gives the order"
    told, again = [(kit["kit"], kit["condition"], kit.get("key")) for kit in own], kit_codes(key, len(codes))
    cards = [(code, c, letters(draw(key, 31**16, f"key/{code}"), 16)) for code, c in zip(again, made)]
    return again == codes and told == cards, "the secret gives every kit, condition and card key"
def card_check(mode, allocation, block, leaves, digest):  # the leaf of every card, each once, and what each block holds
    used, wrong, held = [], [], {}
    for kit in allocation:
        held.setdefault(block.get(kit["kit"]), []).append(kit["condition"])
        if kit.get("key"):
            place = f"block {block.get(kit['kit'])}" if mode == "self_blinded" else kit["kit"]
            leaf = sha("nof1/card/v1", digest, place, kit["condition"], kit["key"])
            wrong += [kit["kit"]] * (leaf not in leaves or leaf in used)
            used.append(leaf)
    same = len({tuple(sorted(one)) for one in held.values()}) == 1 or not all(sum(held.values(), []))
    text = f"{len(used)} cards; no leaf: {', '.join(wrong) or 'none'}; blocks hold the same: {'yes' if same else 'no'}"
    return bool(used) and not wrong and same and {kit["kit"] for kit in allocation} == set(block), text
def main(arguments):
    folder, line, *_ = *map(str, arguments), *(None, None)[len(arguments):]
    folder = Path(folder or Path(__file__).parent) / "evidence"
    if not (folder / "events.jsonl").is_file(): return print(f"{__doc__}\n{folder} holds no events.jsonl") or 2
    files = [path for path in (folder / "locked").rglob("*") if path.is_file()]
    locked = {path.relative_to(folder / "locked").as_posix(): path.read_bytes() for path in files}
    found, words = [], {True: "PASS", False: "FAIL", None: "NOT PROVABLE"}
    try:
        rows = [json.loads(row) for row in (folder / "events.jsonl").read_text("utf-8").splitlines()]
        for name, outcome, text in checks(rows, (folder / "heads.txt").read_text("utf-8"), locked, line):
            found.append(outcome)
            print(f"{words[outcome]:12}  {name}: {text}")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        found.append(print(f"FAIL          evidence: cannot be read further ({error!r})") or False)
    return 1 if False in found else 0
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
