import { defineMessages } from '@/i18n/messages';

export const integrationMessages = defineMessages(
  'integration',
  {
    integrations: 'Integrations',
    tabs: 'Parts of this integration',
    'tab.edit': 'Settings',
    'tab.mappings': 'Mappings',
    'tab.logs': 'Runs and log',
    progress: 'Progress of the run',
    'progress.rate': '{{rate}} a second',
    'progress.eta': 'done {{when}}',
    reconnecting: 'The connection broke off; the run goes on. Connecting again.',
  },
  {
    integrations: 'التكاملات',
    tabs: 'أقسام هذا التكامل',
    'tab.edit': 'الإعدادات',
    'tab.mappings': 'ربط الحقول',
    'tab.logs': 'عمليات التشغيل والسجل',
    progress: 'تقدّم التشغيل',
    'progress.rate': '{{rate}} في الثانية',
    'progress.eta': 'ينتهي {{when}}',
    reconnecting: 'انقطع الاتصال، والتشغيل مستمر. تجري إعادة الاتصال.',
  },
);
