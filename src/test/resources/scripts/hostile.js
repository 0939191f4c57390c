// What a script may do wrong or with intent: the request's path says which of it. Any other path
// gets a good answer, whatever came before.

const sins = {
  endlessLoop() { while (true) {} },
  endlessNativeLoop() { Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1); },
  endlessSort() { [3, 1, 2].sort(() => { while (true) {} }); },
  endlessJobs() { (function again() { Promise.resolve().then(again); })(); },
  endlessCatching() { while (true) { try { throw 1; } catch { continue; } } },
  endlessFinally() { for (;;) { try { return; } finally { continue; } } },
  endlessStackTrace() {
    Error.prepareStackTrace = () => { while (true) {} };
    throw new Error();
  },
  regularExpression() { /^(a+)+$/.test("a".repeat(60) + "b"); },
  bigNumber() { return 3n ** (2n ** 40n); },

  memory() { const all = []; for (;;) all.push(new Array(1000).fill(all.length)); },
  memoryInGlobal() { for (;;) (globalThis.kept ??= []).push(new Array(1000).fill(1)); },
  memoryAtOnce() { new ArrayBuffer(2 ** 30); },
  memoryInString() { let text = "x"; for (;;) text += text; },
  memoryAgainAndAgain() { for (;;) { try { sins.memory(); } catch { continue; } } },

  recursion() { return sins.recursion() + 1; },
  recursionInCall() { return [1].map(sins.recursionInCall); },
  recursionInToString() { const o = { toString: () => "" + o }; return "" + o; },
  recursionInParser() { JSON.parse("[".repeat(100000)); },
  recursionInObjects() { JSON.parse('{"a":'.repeat(100000)); },
  recursionInConstructor() { class A { constructor() { new A(); } } return new A(); },
  recursionInGenerator() { function* g() { yield* g(); } return [...g()]; },
  recursionInApply() { const f = () => f(...[1]); return f(); },
  recursionInSource() { eval("(".repeat(100000)); },
  recursionInRegularExpression() { new RegExp("(".repeat(100000)); },
  recursionInGetter() { return { get decision() { return this.decision; } }; },
  recursionInProxy() {
    const trap = { get: (target, name, receiver) => receiver[name] };
    return new Proxy({}, trap);
  },

  throwsError() { throw new TypeError("so"); },
  throwsNumber() { throw 42; },
  throwsNothing() { throw undefined; },
  throwsSymbol() { throw Symbol("s"); },
  throwsWithoutText() { throw { toString() { throw 1; } }; },
  throwsFalseError() { throw Object.setPrototypeOf({ get stack() { throw 1; } }, Error.prototype); },
  throwsInGetter() { return { get decision() { throw new Error("in a getter"); } }; },
  throwsInProxy() { return new Proxy({}, { get() { throw new Error("in a proxy"); } }); },
  revokedProxy() { const p = Proxy.revocable([], {}); p.revoke(); return { decision: "allow", tags: p.proxy }; },
  rejects() { return Promise.reject(new Error("later")); },
  neverSettles() { return new Promise(() => {}); },

  returnsText() { return "block"; },
  returnsTooMuch() { return { decision: "block", body: "x".repeat(3000000) }; },
  returnsEndlessList() {
    return { decision: "allow", tags: new Proxy([], { get: (t, n) => n === "length" ? 2 ** 53 - 1 : "x" }) };
  },
  returnsHalfAPair() { return { decision: "block", body: "\ud800" }; },
  returnsUnknown() { return { decision: "perhaps" }; },

  toJsonRecursion() {
    console.log({ toJSON() { return JSON.stringify(this); } });
    return { decision: "allow", tags: ["went-on"], toJSON() { return { decision: "block" }; } };
  },
  writesMuch() {
    for (let i = 0; i < 500; i++) console.log("x".repeat(100), i, { i }, [i]);
    return { decision: "allow", tags: ["went-on"] };
  },
  changesPrototypes() {
    Object.prototype.toJSON = () => "no";
    Array.prototype.toJSON = () => { throw 1; };
    String.prototype.toString = () => { throw 1; };
    Array.prototype[Symbol.iterator] = null;
    Object.defineProperty(Object.prototype, "length", { get() { throw 1; }, configurable: true });
    JSON.stringify = JSON.parse = console.log = null;
    globalThis.JSON = globalThis.console = globalThis.Promise = undefined;
    return { decision: "allow", tags: ["went-on"] };
  },
};

function on_request_headers(request) {
  const sin = sins[request.uri.slice(1)];
  return sin ? sin() : { decision: "allow", tags: ["good"] };
}
