// What the type checker cannot know of the tests.

// A selector finds an HTML element, of the kind that the test knows.
interface Element {
  click(): void;
  readonly dataset: DOMStringMap;
  blur(): void;
  innerText: any;
  open: any;
  requestSubmit: any;
  selectionEnd: any;
  selectionStart: any;
  setSelectionRange: any;
  title: any;
  value: any;
}

// JSON is read from bytes, too: they become text as UTF-8.
interface JSON {
  parse(bytes: Uint8Array): any;
}

// Of the two events that tell a fault, the first has the one, and the second the other.
interface Event {
  readonly error: any;
  readonly reason: any;
}

// What crates/bundle puts in front of static/first_request.js.
declare const TOKENS: Record<string, string>;
declare const ACCEPT: string;

// What benches/page.mjs puts into the page.
declare var bench: any;
