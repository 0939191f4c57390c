// Of everything that the language has, a little: what the interpreter's two halves do, and how they
// hand over to each other. Says in its tags which of it went wrong.

const sloppy = (source) => new Function(source);
const thrown = (f) => { try { f(); } catch (e) { return e.constructor.name; } return "nothing"; };

class Animal {
  static count = 0;
  static #made = new Set();
  #name;
  legs = 4;
  constructor(name) { this.#name = name; Animal.count++; Animal.#made.add(this); }
  get name() { return this.#name; }
  set name(value) { this.#name = value; }
  speak() { return this.#name + " speaks"; }
  #secret() { return 42; }
  tell() { return this.#secret(); }
  static knows(x) { return #name in x && Animal.#made.has(x); }
  ["comp" + "uted"]() { return new.target === undefined; }
}

class Dog extends Animal {
  constructor(name) { super(name); super.legs = 3; }
  speak() { return super.speak() + ": woof"; }
  get name() { return "dog " + super.name; }
}

function* numbers(n) {
  try {
    for (let i = 0; i < n; i++) {
      const got = yield i;
      if (got) n = got;
    }
  } finally {
    numbers.closed = (numbers.closed ?? 0) + 1;
  }
  return "end";
}

const checks = {
  constants: () => [-1, 0, 7, 8, 127, 128, -129, 32767, 32768, 2147483647, -2147483648, 1.5].join() ===
    "-1,0,7,8,127,128,-129,32767,32768,2147483647,-2147483648,1.5",
  literals: () => [null, undefined, true, false, "", `a${1}b`, 12n].map(String).join() ===
    "null,undefined,true,false,,a1b,12",
  arithmetic: () => {
    let a = 7, b = 2, f = 0.5;
    return a + b === 9 && a - b === 5 && a * b === 14 && a / b === 3.5 && a % b === 1 && a ** b === 49 &&
      -a === -7 && +"3" === 3 && a + f === 7.5 && a * f === 3.5 && a - f === 6.5 && Object.is(-0 * 1, -0) &&
      -7 % 2 === -1 && 2147483647 + 1 === 2147483648 && 65536 * 65536 === 4294967296 &&
      -2147483648 - 1 === -2147483649 && Object.is(-(0 * a), -0) && 1 / 0 === Infinity;
  },
  bits: () => {
    let a = 0xf0f0, b = 0x0ff0;
    return (a & b) === 0x00f0 && (a | b) === 0xfff0 && (a ^ b) === 0xff00 && ~a === -61681 &&
      a << 4 === 0xf0f00 && -8 >> 1 === -4 && -8 >>> 28 === 15;
  },
  bitsShifted: () => (1 << 31) === -2147483648 && (1 << 33) === 2 && 2 ** 32 >>> 0 === 0 && (5.9 | 0) === 5,
  bigIntegers: () => 3n ** 40n === 12157665459056928801n && -7n / 2n === -3n && 1n < 2 && (5n & 3n) === 1n,
  comparisons: () => 1 < 2 && 2 <= 2 && 3 > 2 && !(1 >= 2) && "a" < "b" && "10" < "9" && 10 > "9" &&
    null == undefined && null !== undefined && "1" == 1 && "1" !== 1 && NaN !== NaN && !(NaN <= 1) && [1] == 1,
  updates: () => {
    let i = 1, f = 1.5, s = "5", big = 1n, max = 2147483647, min = -2147483648;
    const o = { n: 1 }, a = [1];
    i++; ++i; f--; s++; big++; max++; min--; o.n++; ++o.n; a[0]--; i += 2; s += "x"; o.n *= 3; a[0] -= 4;
    return i === 5 && f === 0.5 && s === "6x" && big === 2n && max === 2147483648 && min === -2147483649 &&
      o.n === 9 && a[0] === -4 && o.n++ === 9 && o.n-- === 10 && (o.n **= 2) === 81;
  },
  logic: () => (0 || "x") === "x" && (1 && 0) === 0 && (null ?? 2) === 2 && (0 ?? 2) === 0 && !"" && !!"a" && !!{} &&
    !NaN && (undefined?.x) === undefined && ({ a: { b: () => 3 } }).a?.b?.() === 3,
  logicAssigned: () => { let a = null, b = 1, c = 0; a ??= 4; b &&= 5; c ||= 6; return a + b + c === 15; },
  locals: () => {
    let a = 1, b = 2, c = 3, d = 4, e = 5, f = 6;
    const sum = () => a + b + c + d + e + f;
    a = 10; f = a = b; d = (e = 7) + 1;
    return sum() === 2 + 2 + 3 + 8 + 7 + 2;
  },
  parameters: () => {
    const f = (a, b = a + 1, { c, d: [d, ...e] = [9] } = { c: 3 }, ...rest) => [a, b, c, d, e.length, rest.length].join();
    return f(1) === "1,2,3,9,0,0" && f(1, 5, { c: 4, d: [6, 7, 8] }, 1, 2) === "1,5,4,6,2,2";
  },
  deadZone: () => thrown(() => { x; let x = 1; }) === "ReferenceError" && thrown(() => { const c = 1; c = 2; }) === "TypeError"
    && thrown(() => notDefined) === "ReferenceError" && typeof notDefined === "undefined"
    && thrown(() => { notDefined = 1; }) === "ReferenceError",
  closures: () => {
    const all = [];
    for (let i = 0; i < 4; i++) all.push(() => i++);
    all[1]();
    return all.map((f) => f()).join() === "0,2,2,3";
  },
  manyVariables: () => new Function(
    Array.from({ length: 300 }, (_, i) => `let v${i} = ${i};`).join("") +
    "const f = () => { v299 += v298; v0++; return v299 + v270; }; v280 = f(); return v280 + v0;")() === 299 + 298 + 270 + 1,
  objects: () => {
    const k = "key", o = { a: 1, [k]: 2, 3: 4, get g() { return this.a; }, set g(v) { this.a = v; }, m() { return super.toString === Object.prototype.toString; }, ...{ z: 5 } };
    o.g = 7; o.new = 8; o["x" + 1] = 9; delete o.z;
    return JSON.stringify(o) === '{"3":4,"a":7,"key":2,"g":7,"new":8,"x1":9}' && o.m() && "a" in o && !("z" in o);
  },
  prototypes: () => { const o = { __proto__: { p: 1 } }; return o.p === 1 && !Object.hasOwn(o, "p") && Object.create(null).x === undefined; },
  arrays: () => {
    const a = [1, , 3, ...[4, 5], ..."ab"];
    a[9] = 1; a.length = 8; a[0] += 1;
    const [x, , y = 7, ...r] = a;
    return a.length === 8 && !(1 in a) && x === 2 && y === 3 && r.length === 5 && [][0] === undefined && "abc"[1] === "b" && "abc".length === 3;
  },
  longArray: () => [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34].reduce((a, b) => a + b) === 595,
  swapped: () => { let a = 1, b = 2, o = {}; [a, b] = [b, a]; ({ a: o.x, ...o.rest } = { a: 3, b: 4 }); return a === 2 && b === 1 && o.x === 3 && o.rest.b === 4; },
  loops: () => {
    let t = 0;
    for (const k in { a: 1, b: 2 }) t += k.charCodeAt(0);
    for (const [i, v] of [5, 6].entries()) t += i * v;
    for (const c of "xy") t += c.length;
    let n = 0; while (n < 5) { n++; if (n === 2) continue; if (n === 4) break; t += n; }
    do { t++; } while (t < 0);
    outer: for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) { if (j === 1) continue outer; if (i === 2) break outer; t += 100; }
    return t === 97 + 98 + 6 + 2 + 1 + 3 + 1 + 200;
  },
  switches: () => [1, "1", 2, 9].map((x) => { switch (x) { case 1: return "one"; case "1": return "text"; case 2: x = 3; default: return "other" + x; } }).join() === "one,text,other3,other9",
  exceptions: () => {
    const log = [];
    const f = (n) => {
      try { if (n === 1) throw new RangeError("r"); if (n === 2) return "returned"; log.push("body"); }
      catch ({ message }) { log.push(message); if (n === 1) return "caught"; }
      finally { log.push("finally"); if (n === 3) return "overridden"; }
      return "end";
    };
    return [0, 1, 2, 3].map(f).join() === "end,caught,returned,overridden" && log.join() === "body,finally,r,finally,finally,body,finally";
  },
  errorsOfTheEngine: () => thrown(() => null.x) === "TypeError" && thrown(() => (1)()) === "TypeError" &&
    thrown(() => new (() => 1)()) === "TypeError" && thrown(() => { [...5]; }) === "TypeError" &&
    thrown(() => JSON.parse("{")) === "SyntaxError" && thrown(() => { "x".y = 1; }) === "TypeError" && thrown(() => 1 in 2) === "TypeError" &&
    thrown(() => { null[Symbol.iterator] = 1; }) === "TypeError" && thrown(() => { const { a } = null; }) === "TypeError" && thrown(() => Animal()) === "TypeError",
  classes: () => {
    const d = new Dog("rex"), a = new Animal("cat");
    a.name = "tom";
    return d.speak() === "rex speaks: woof" && d.name === "dog rex" && d.legs === 3 && a.speak() === "tom speaks" && d instanceof Animal &&
      !(a instanceof Dog) && Animal.knows(d) && !Animal.knows({}) && d.tell() === 42 && a.computed() && Animal.count >= 2 &&
      thrown(() => Animal.prototype.tell.call({})) === "TypeError" && Dog.name === "Dog" && (class { static x = this.name; }).x === "";
  },
  derived: () => { class Bad extends Animal { constructor() { } } return thrown(() => new Bad()) === "ReferenceError"; },
  newTarget: () => { function F() { this.t = new.target === F; } return new F().t && Reflect.construct(Array, [], F) instanceof F; },
  generators: () => {
    const g = numbers(3), taken = [g.next().value, g.next(5).value, g.next().value];
    const before = numbers.closed ?? 0;
    g.return(1);
    const [first] = numbers(9);
    function* outer() { const r = yield* numbers(2); yield r; }
    return taken.join() === "0,1,2" && first === 0 && numbers.closed === before + 2 && [...outer()].join() === "0,1,end" &&
      thrown(() => { const h = numbers(2); h.next(); h.throw(new RangeError()); }) === "RangeError";
  },
  iterators: () => {
    const it = { from: 1, [Symbol.iterator]() { let n = this.from; return { next: () => ({ value: n, done: n++ > 3 }), return: () => (it.closed = true, {}) }; } };
    const [a] = it;
    return [...it].join() === "1,2,3" && a === 1 && it.closed && Math.max(...it) === 3 && new Map([[1, 2]]).get(1) === 2;
  },
  calls: () => {
    const f = function (...a) { return (this?.v ?? "") + a.join(""); }, o = { v: "v", f };
    return f() === "" && f(1) === "1" && f(1, 2, 3, 4, 5) === "12345" && o.f(1) === "v1" && o["f"](2) === "v2" && f.call(o, 3) === "v3" &&
      f.apply(o, [4, 5]) === "v45" && f.bind(o, 6)(7) === "v67" && f(...[1, 2], 3) === "123" && new Array(...[1, 2]).length === 2 && o?.f?.(8) === "v8";
  },
  tailCalls: () => { const down = (n) => (n === 0 ? "done" : down(n - 1)); return down(100) === "done"; },
  tagged: () => ((s, ...v) => s.raw.join("|") + v.join())`a${1}\n${2}` === "a|\\n|1,2",
  regularExpressions: () => /(?<y>\d{4})-(\d\d)/.exec("on 2024-05-06").groups.y === "2024" && "a1b22".replace(/\d+/g, (m) => m.length) === "a1b2" &&
    "x,y;z".split(/[,;]/).length === 3 && [..."aXbX".matchAll(/X/g)].length === 2 && /^\p{Lu}/u.test("Ż"),
  evaluated: () => eval("1 + 1") === 2 && (() => { let local = 5; return eval("local * 2"); })() === 10 && (0, eval)("typeof local") === "undefined"
    && eval(...["3 * 3"]) === 9,
  sloppyMode: () => sloppy("with ({ a: 1, b: { c: 2 } }) { a = 5; b.c++; var sum = a + b.c; } return sum + (typeof a)")() === "8undefined" &&
    sloppy("return this === globalThis")() && sloppy("arguments[0] = 9; return arguments.length + arguments[0]")(1, 2) === 11 &&
    new Function("a", "arguments[0] = 7; return a")(1) === 7 && sloppy("made = 3; var r = delete globalThis.made; return r && typeof made")() === "undefined" &&
    sloppy("return typeof this")  .call(5) === "object" && sloppy("with ({ f() { return this.v; }, v: 4 }) return f()")() === 4,
  argumentsObject: () => (function () { arguments[0] = 5; return arguments.length + [].slice.call(arguments).join(); })(1, 2) === "25,2",
  symbols: () => { const s = Symbol("d"), o = { [s]: 1 }; return o[s] === 1 && typeof s === "symbol" && s.description === "d" && Object.keys(o).length === 0; },
  proxies: () => new Proxy({}, { get: (t, k) => k + "!", has: () => true }).x === "x!" && "q" in new Proxy({}, { has: () => true }),
  typeofs: () => [1, "s", true, undefined, null, {}, () => 1, 1n, Symbol()].map((x) => typeof x).join() ===
    "number,string,boolean,undefined,object,object,function,bigint,symbol" && typeof Animal === "function",
  voids: () => void 0 === undefined && (1, 2) === 2 && ((a) => (a ? 1 : 2))(0) === 2,
  dates: () => new Date(0).toISOString() === "1970-01-01T00:00:00.000Z",
  collections: () => new Set([1, 1, 2]).size === 2 && Object.fromEntries([["a", 1]]).a === 1 && new Uint8Array([300])[0] === 44 && [3, 1, 2].sort().join() === "1,2,3",
  json: () => JSON.stringify(JSON.parse('{ "a" : [1, -2.5e3, true, null, "\\u00e9\\n\\"" ] , "a b":{"":{}} ,"7":1, "__proto__":2, "a":"again"}')) ===
    '{"7":1,"a":"again","a b":{"":{}},"__proto__":2}' && JSON.parse('"\\ud83d\\ude00ż"') === "😀ż" && JSON.parse(' [ ] ').length === 0,
  badJson: () => ['{"a"}', '{"a":}', '{"a":1,}', '{,}', '{a:1}', '{"a":1 "b":2}', '"\\x"', '"a', '"\t"', '[1,]', '01', '{"a":1}}', '{"a\u0000":1', 'nul', "{'a':1}", '{"a":1,"b', ''].every((t) => thrown(() => JSON.parse(t)) === "SyntaxError"),
};

async function asynchronous() {
  const order = [];
  const later = async (x) => { order.push(x); await null; order.push(-x); return x; };
  const all = await Promise.all([later(1), later(2)]);
  try { await Promise.reject(new RangeError("r")); } catch (e) { order.push(e.message); }
  async function* counted() { yield 1; yield* [2, 3]; }
  for await (const x of counted()) order.push(x * 10);
  return all.join() + ":" + order.join() === "1,2:1,2,-1,-2,r,10,20,30";
}

// Text functions against the simplest that says the same.
function textsAsNaively() {
  let seed = 7;
  const next = (n) => { seed = (Math.imul(seed, 1103515245) + 12345) >>> 1; return (seed >>> 8) % n; };
  const text = (n, letters) => { let s = ""; for (let i = 0; i < n; i++) s += letters[next(letters.length)]; return s; };
  const LETTERS = ["ab", "aAzZ@[`{", "abŻ", "éÉa"];
  const lower = { A: "a", Z: "z", "Ż": "ż", "É": "é" }, upper = { a: "A", z: "Z", b: "B", "é": "É" };
  for (let round = 0; round < 200; round++) {
    const letters = LETTERS[round % 4], t = text(next(40), letters), w = text(next(4), letters), from = next(45);
    let first = -1, last = -1;
    for (let i = Math.min(from, t.length); i + w.length <= t.length && first < 0; i++) if (t.slice(i, i + w.length) === w) first = i;
    for (let i = 0; i + w.length <= t.length; i++) if (t.slice(i, i + w.length) === w) last = i;
    if (t.indexOf(w, from) !== first || t.includes(w, from) !== first >= 0 || t.lastIndexOf(w) !== last) return false;
    if (t.startsWith(w) !== (t.slice(0, w.length) === w) || t.endsWith(w) !== (t.length >= w.length && t.slice(t.length - w.length) === w)) return false;
    if (t.toLowerCase() !== [...t].map((c) => lower[c] ?? c).join("") || t.toUpperCase() !== [...t].map((c) => upper[c] ?? c).join("")) return false;
    if (w && t.replaceAll(w, "<>") !== t.split(w).join("<>")) return false;
  }
  return "ΑΣ".toLowerCase() === "ας" && "ß".toUpperCase() === "SS" && "".toLowerCase() === "";
}

async function on_request_headers() {
  const wrong = Object.entries(checks).filter(([, check]) => !check()).map(([name]) => name);
  if (!(await asynchronous())) wrong.push("asynchronous");
  if (!textsAsNaively()) wrong.push("texts");
  return { decision: "allow", tags: wrong };
}
