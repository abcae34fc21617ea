// Browsers slow a page's own timers down to a beat a second while it is hidden. A worker's go on: who shows
// another window while speaking is still seen.
let timer: ReturnType<typeof setInterval> | undefined;

addEventListener("message", ({ data: everyMs }: MessageEvent<number>) => {
  clearInterval(timer);
  timer = setInterval(() => postMessage(null), everyMs);
});
