import { defineMessages } from '@/i18n/messages';

export const filterMessages = defineMessages(
  'filters',
  {
    since: 'Since',
    'since.ever': 'At any time',
    'since.day': 'Last 24 hours',
    'since.week': 'Last 7 days',
    'since.month': 'Last 30 days',
    showAll: 'Show all',
  },
  {
    since: 'منذ',
    'since.ever': 'في أي وقت',
    'since.day': 'آخر 24 ساعة',
    'since.week': 'آخر 7 أيام',
    'since.month': 'آخر 30 يومًا',
    showAll: 'عرض الكل',
  },
);
