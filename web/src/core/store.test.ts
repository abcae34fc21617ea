import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPace } from "./pace";
import { createStore } from "./store";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("tells of each change, but not of none", () => {
  const store = createStore(0);
  const listener = vi.fn();
  const unsubscribe = store.subscribe(listener);
  store.set(1);
  store.set(1);
  store.set(2);
  expect(listener).toHaveBeenCalledTimes(2);
  unsubscribe();
  store.set(3);
  expect(listener).toHaveBeenCalledTimes(2);
});

it("with a pace, tells of many changes in a row twice: of the first and of the last", () => {
  const store = createStore(0, createPace(100));
  const heard: number[] = [];
  store.subscribe(() => heard.push(store.get()));
  for (let i = 1; i <= 130; i++) store.set(i);
  expect(store.get()).toBe(130);
  expect(heard).toEqual([1]);
  vi.advanceTimersByTime(99);
  expect(heard).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual([1, 130]);
});

it("with a pace, pauses after every telling, and not before one that comes late", () => {
  const store = createStore(0, createPace(100));
  const heard: number[] = [];
  store.subscribe(() => heard.push(store.get()));
  store.set(1);
  store.set(2);
  vi.advanceTimersByTime(150);
  store.set(3);
  expect(heard).toEqual([1, 2]);
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(1000);
  store.set(4);
  expect(heard).toEqual([1, 2, 3, 4]);
});
