import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

const merge = extendTailwindMerge({ extend: { classGroups: { 'font-size': ['text-table'] } } });

/** Joins classes; a later one takes the place of an earlier one that says the same thing. */
export const cn = (...classes: ClassValue[]): string => merge(clsx(classes));
