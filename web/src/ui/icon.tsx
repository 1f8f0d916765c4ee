// 24-unit strokes, drawn at 20 px. Never alone without a name: they are hidden from readers.
const paths = {
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  invoice: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6',
  checkout: 'M4 5h2l2 10h9l2-7H7M9 19.5h.01M16 19.5h.01',
  forward: 'M4 12h12M11 6l6 6-6 6M20 5v14',
  ledger: 'M4 20V10M10 20V4M16 20v-8M21 20H3',
  event: 'M13 3L5 14h6l-1 7 8-11h-6z',
  question: 'M5 4h14v12h-8l-4 4v-4H5zM10 8.5a2 2 0 113 1.7c-.7.4-1 .7-1 1.3M12 13.5h.01',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  settings: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 4v6M6 14v6',
  help: 'M12 3a9 9 0 100 18 9 9 0 000-18zM9.5 9.5a2.5 2.5 0 113.5 2.3c-.7.4-1 .8-1 1.7M12 17h.01',
  menu: 'M4 6h16M4 12h16M4 18h16',
  success: 'M5 13l4 4L19 7',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  danger: 'M12 3a9 9 0 100 18 9 9 0 000-18zM9 9l6 6M15 9l-6 6',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3 2',
  neutral: 'M12 3a9 9 0 100 18 9 9 0 000-18zM8 12h8',
  user: 'M12 4a4 4 0 110 8 4 4 0 010-8zM4 21c0-4 4-6 8-6s8 2 8 6',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
