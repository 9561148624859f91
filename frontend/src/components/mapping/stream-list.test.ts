import { expect, test } from 'vitest';
import { guessEntity } from './stream-list';

const stream = (name: string, ...fields: string[]) => ({
  name,
  fields: fields.map((field) => ({ name: field, type: 'text' as const, is_nullable: true, sample: null })),
});

test.each([
  [stream('people.csv', 'employee_id', 'course_id'), 'users'],
  [stream('courses', 'code', 'title'), 'courses'],
  [stream('Enrolments 2026', 'who', 'what'), 'enrollments'],
  [stream('export.csv', 'employee_id', 'course_code', 'status'), 'enrollments'],
  [stream('export.csv', 'course_code', 'title', 'duration'), 'courses'],
  [stream('export.csv', 'first_name', 'email'), 'users'],
  [stream('الموظفون', 'الاسم'), 'users'],
  [stream('التسجيلات', 'الرقم'), 'enrollments'],
] as const)('$0.name is taken for $1', (given, entity) => {
  expect(guessEntity(given)).toBe(entity);
});
