// Times are shown in Viet Nam's zone and copied as ISO; counts with thousands marks.
const zone = 'Asia/Ho_Chi_Minh';
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

export function localTime(iso: string | null | undefined): string {
  if (!iso) return '–';
  const at = new Date(normalise(iso));
  return Number.isNaN(at.getTime()) ? iso : clock.format(at);
}

// EVE writes the zone as +0000, which Date does not read everywhere.
export function normalise(iso: string): string {
  return iso.replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
}

export type Age = { value: number; unit: 'just_now' | 'minutes' | 'hours' | 'days' };
export function age(iso: string, now: number): Age {
  const minutes = Math.floor((now - new Date(normalise(iso)).getTime()) / 60000);
  if (!(minutes >= 1)) return { value: 0, unit: 'just_now' };
  if (minutes < 60) return { value: minutes, unit: 'minutes' };
  if (minutes < 48 * 60) return { value: Math.floor(minutes / 60), unit: 'hours' };
  return { value: Math.floor(minutes / 1440), unit: 'days' };
}

export function number(n: number | undefined | null): string {
  return n === undefined || n === null ? '–' : n.toLocaleString('vi-VN');
}

// Vietnamese without diacritics, so that "giam sat" finds "giám sát".
export function plain(text: string): string {
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D').toLowerCase();
}

// An SVG path of a sparkline in a box of width × height.
export function sparkline(values: number[], width: number, height: number): string {
  const top = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  return values
    .map((v, i) => `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${(height - 1 - (v / top) * (height - 2)).toFixed(1)}`)
    .join('');
}
