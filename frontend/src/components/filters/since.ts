export type Since = 'ever' | 'day' | 'week' | 'month';
export const sinces: readonly Since[] = ['ever', 'day', 'week', 'month'];

const hours: Record<Exclude<Since, 'ever'>, number> = { day: 24, week: 168, month: 720 };

/** To the minute, so that the same choice asks the same question and its answer is kept. */
export const sinceOf = (since: Since): string | undefined =>
  since === 'ever' ? undefined : new Date(Math.floor(Date.now() / 60_000 - hours[since] * 60) * 60_000).toISOString();
