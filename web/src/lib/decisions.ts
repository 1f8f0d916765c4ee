import type { Schema } from './api';

// Decisions about work items between the press of the button and the sending. The API has no way back from a decision,
// because what it books stays booked; so a decision is sent when its window closes, and until then it can be taken back.
// A page that goes away sends what waits: the answer of a person is never lost.

type WorkItem = Schema['WorkItemView'];
export type Answer = Schema['ResolveInputBody'];

export interface Decision {
  item: WorkItem; // as it was seen: its version goes with the decision
  answer: Answer;
  key: string; // of the request, so that one that is sent twice is done once
  state: 'waiting' | 'sending' | 'failed';
  error?: unknown;
}

/** How long a decision can be taken back, in milliseconds. */
export const undoWindow = 10_000;

interface Surroundings {
  /** Sends a decision; `leaving` says that the page goes away and does not read the answer. */
  send: (decision: Decision, leaving: boolean) => Promise<WorkItem>;
  /** Is called with the item that a decision answered with, null when it was refused. */
  settled: (decision: Decision, item: WorkItem | null) => void;
  /** Calls back after some milliseconds; returns what cancels that. */
  after: (milliseconds: number, then: () => void) => () => void;
}

/** The decisions that are not settled, one for an item, by the items' ids. */
export class Decisions {
  #all: ReadonlyMap<string, Decision> = new Map();
  readonly #cancel = new Map<string, () => void>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly around: Surroundings) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** The decisions as they are now; the same object until one changes. */
  all = (): ReadonlyMap<string, Decision> => this.#all;

  /** Opens the window of a decision. Another one of the same item takes its place. */
  decide(item: WorkItem, answer: Answer): void {
    this.undo(item.id);
    this.#set({ item, answer, key: crypto.randomUUID(), state: 'waiting' });
    this.#cancel.set(
      item.id,
      this.around.after(undoWindow, () => void this.#send(item.id, false)),
    );
  }

  /** Takes back a decision that was not sent or was refused; returns whether it could be. */
  undo(id: string): boolean {
    if (this.#all.get(id)?.state === 'sending') return false;
    this.#cancel.get(id)?.();
    this.#cancel.delete(id);
    return this.#drop(id);
  }

  /** Sends all that wait, at once: the page goes away, or the person logs out. */
  async flush(leaving: boolean): Promise<void> {
    const waiting = [...this.#all.values()].filter((d) => d.state === 'waiting');
    await Promise.all(waiting.map((d) => this.#send(d.item.id, leaving)));
  }

  async #send(id: string, leaving: boolean): Promise<void> {
    const decision = this.#all.get(id);
    if (decision?.state !== 'waiting') return;
    this.#cancel.get(id)?.();
    this.#cancel.delete(id);
    this.#set({ ...decision, state: 'sending' });
    try {
      const item = await this.around.send(decision, leaving);
      this.#drop(id);
      this.around.settled(decision, item);
    } catch (error) {
      this.#set({ ...decision, state: 'failed', error });
      this.around.settled(decision, null);
    }
  }

  #set(decision: Decision): void {
    this.#all = new Map(this.#all).set(decision.item.id, decision);
    this.#tell();
  }

  #drop(id: string): boolean {
    const rest = new Map(this.#all);
    if (!rest.delete(id)) return false;
    this.#all = rest;
    this.#tell();
    return true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
