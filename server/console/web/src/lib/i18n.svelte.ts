// Every text of the console. Vietnamese is the first language, English the second; no text stands anywhere else.
const vi = {
  login: 'Đăng nhập', username: 'Tên đăng nhập', password: 'Mật khẩu', logout: 'Đăng xuất',
  new_password: 'Mật khẩu mới (ít nhất 12 ký tự)', repeat_password: 'Nhập lại mật khẩu mới', save: 'Lưu',
  must_change: 'Đây là mật khẩu dùng một lần. Hãy đặt mật khẩu của bạn để tiếp tục.',
  passwords_differ: 'Hai mật khẩu mới không giống nhau.', password_short: 'Mật khẩu mới cần ít nhất 12 ký tự.',
  wrong_login: 'Sai tên đăng nhập hoặc mật khẩu.', rate_limited: 'Thử quá nhiều lần. Hãy đợi một lát rồi thử lại.',
  offline: 'Không kết nối được máy chủ. Đang thử lại…', forbidden: 'Bạn không có quyền làm việc này.',
  not_found: 'Không tìm thấy, hoặc ngoài phạm vi của bạn.', error: 'Máy chủ báo lỗi: ', session_over: 'Phiên làm việc đã hết. Hãy đăng nhập lại.',
  inbox: 'Hộp cảnh báo', escalated: 'Đã chuyển cấp', archived: 'Đã lưu trữ', all: 'Tất cả', open: 'Đang mở',
  incidents: 'Sự cố', agents: 'Máy trạm giám sát', empty_inbox: 'Không còn cảnh báo nào cần xử lý.',
  empty_hint: 'Im lặng chỉ có nghĩa khi mọi máy trạm đều hoạt động: xem mục Máy trạm giám sát.',
  severity: 'Mức độ', sev_1: 'Nghiêm trọng', sev_2: 'Cao', sev_3: 'Trung bình', sev_4: 'Thông tin',
  count: 'Số lần', first: 'Lần đầu', last: 'Lần cuối', source: 'Nguồn', destination: 'Đích', agency: 'Cơ quan', rule: 'Luật',
  day: '24 giờ qua', search: 'Tìm (không cần dấu)', more: 'Xem thêm', total: 'tổng cộng', selected: 'đã chọn',
  archive: 'Lưu trữ', escalate: 'Chuyển cấp', reopen: 'Mở lại', undo: 'Hoàn tác', back: 'Quay lại', close: 'Đóng',
  did_archive: 'Đã lưu trữ', did_escalate: 'Đã chuyển cấp', did_reopen: 'Đã mở lại', did_undo: 'Đã hoàn tác', did_comment: 'Ghi chú',
  undoes_what: 'Hoàn tác việc vừa làm', why: 'Vì sao khớp', events: 'Các lần xảy ra', history: 'Việc đã làm', raw: 'Dữ liệu gốc',
  disposition: 'Kết luận', true_positive: 'Tấn công thật', expected_activity: 'Hoạt động bình thường', false_positive: 'Báo nhầm', duplicate: 'Trùng lặp',
  reason: 'Lý do', reason_needed: 'Hãy ghi lý do cho kết luận này.', note: 'Ghi chú', cancel: 'Thôi',
  conflict: 'Người khác vừa xử lý nhóm này. Đã tải lại trạng thái mới nhất.',
  reopened: 'Nhóm đã đóng nay lại có cảnh báo mới.', agencies_seen: 'cơ quan cùng thấy nguồn này',
  agency_sources: 'Cùng một nguồn Internet ở nhiều cơ quan', groups: 'nhóm cảnh báo', no_incidents: 'Chưa có sự cố nào.',
  alive: 'Đang hoạt động', silent: 'IM LẶNG', never: 'Chưa từng kết nối', revoked: 'Đã thu hồi',
  status: 'Trạng thái', name: 'Tên', last_seen: 'Liên lạc lần cuối', version: 'Phiên bản', clock: 'Lệch giờ', rules: 'Luật (nạp / lỗi)',
  packets: 'Gói tin (mất)', no_agents: 'Chưa có máy trạm nào được đăng ký.',
  option: 'Điều kiện', buffer: 'Vùng dữ liệu', offset: 'Vị trí', bytes: 'byte', no_place: 'không có vị trí',
  hidden: 'Nội dung được che vì là thông tin đăng nhập.', time: 'Thời điểm', observed: 'Máy trạm thấy lúc', received: 'Máy chủ nhận lúc',
  clock_offset: 'lệch', times: 'lần', sensor: 'Máy trạm', log_line: 'Dòng nhật ký', no_explain: 'Cảnh báo này không kèm giải thích.',
  keys: 'Phím tắt', key_move: 'xuống / lên', key_open: 'mở', key_archive: 'lưu trữ', key_escalate: 'chuyển cấp', key_undo: 'hoàn tác',
  key_search: 'tìm', key_help: 'phím tắt', key_back: 'quay lại', key_select: 'chọn', key_why: 'vì sao', theme: 'Sáng/tối', language: 'English',
  live: 'Trực tiếp', not_live: 'Mất kết nối trực tiếp', arrived: 'vừa đến', loading: 'Đang tải…', just_now: 'vừa xong', minutes: 'phút trước',
  hours: 'giờ trước', days: 'ngày trước', user: 'Người dùng', host: 'Máy', coverage_silent: 'máy trạm đang im lặng: có nơi không được giám sát',
};
type Key = keyof typeof vi;
const en: Record<Key, string> = {
  login: 'Log in', username: 'User name', password: 'Password', logout: 'Log out',
  new_password: 'New password (at least 12 characters)', repeat_password: 'The new password again', save: 'Save',
  must_change: 'This is a one-time password. Set one of your own to go on.',
  passwords_differ: 'The two new passwords differ.', password_short: 'The new password needs at least 12 characters.',
  wrong_login: 'Wrong user name or password.', rate_limited: 'Too many attempts. Wait a little and try again.',
  offline: 'The server does not answer. Trying again…', forbidden: 'You may not do this.',
  not_found: 'Not found, or outside of your agencies.', error: 'The server says: ', session_over: 'Your session is over. Please log in again.',
  inbox: 'Inbox', escalated: 'Escalated', archived: 'Archived', all: 'All', open: 'Open',
  incidents: 'Incidents', agents: 'Agents', empty_inbox: 'Nothing is left to decide.',
  empty_hint: 'Silence means something only while every agent is alive: see Agents.',
  severity: 'Severity', sev_1: 'Critical', sev_2: 'High', sev_3: 'Medium', sev_4: 'Info',
  count: 'Count', first: 'First', last: 'Last', source: 'Source', destination: 'Destination', agency: 'Agency', rule: 'Rule',
  day: 'Last 24 hours', search: 'Search (diacritics optional)', more: 'More', total: 'in all', selected: 'selected',
  archive: 'Archive', escalate: 'Escalate', reopen: 'Reopen', undo: 'Undo', back: 'Back', close: 'Close',
  did_archive: 'Archived', did_escalate: 'Escalated', did_reopen: 'Reopened', did_undo: 'Undone', did_comment: 'Comment',
  undoes_what: 'Undo what was just done', why: 'Why it matched', events: 'Occurrences', history: 'What people did', raw: 'Raw event',
  disposition: 'Verdict', true_positive: 'True positive', expected_activity: 'Expected activity', false_positive: 'False positive', duplicate: 'Duplicate',
  reason: 'Reason', reason_needed: 'This verdict needs a reason.', note: 'Note', cancel: 'Cancel',
  conflict: 'Somebody else just decided on this group. Its newest state is shown.',
  reopened: 'This closed group has new alerts.', agencies_seen: 'agencies saw this source',
  agency_sources: 'One Internet source at several agencies', groups: 'alert groups', no_incidents: 'No incident yet.',
  alive: 'Alive', silent: 'SILENT', never: 'Never connected', revoked: 'Revoked',
  status: 'Status', name: 'Name', last_seen: 'Last heard of', version: 'Version', clock: 'Clock offset', rules: 'Rules (loaded / failed)',
  packets: 'Packets (dropped)', no_agents: 'No agent is enrolled yet.',
  option: 'Condition', buffer: 'Buffer', offset: 'Offset', bytes: 'bytes', no_place: 'no place',
  hidden: 'The content is a credential and is not shown.', time: 'Time', observed: 'Seen by the agent', received: 'Received by the server',
  clock_offset: 'offset', times: 'times', sensor: 'Agent', log_line: 'Log line', no_explain: 'This alert carries no explanation.',
  keys: 'Keys', key_move: 'down / up', key_open: 'open', key_archive: 'archive', key_escalate: 'escalate', key_undo: 'undo',
  key_search: 'search', key_help: 'keys', key_back: 'back', key_select: 'select', key_why: 'why', theme: 'Light/dark', language: 'Tiếng Việt',
  live: 'Live', not_live: 'Live updates lost', arrived: 'arrived', loading: 'Loading…', just_now: 'just now', minutes: 'min ago',
  hours: 'h ago', days: 'd ago', user: 'User', host: 'Host', coverage_silent: 'agents are silent: not everything is being watched',
};

export type Language = 'vi' | 'en';
export const tables: Record<Language, Record<Key, string>> = { vi, en };

function stored(): Language {
  return typeof localStorage !== 'undefined' && localStorage.getItem('chieng.language') === 'en' ? 'en' : 'vi';
}

class I18n {
  language = $state<Language>(stored());
  toggle(): void {
    this.language = this.language === 'vi' ? 'en' : 'vi';
    localStorage.setItem('chieng.language', this.language);
    document.documentElement.lang = this.language;
  }
}
export const i18n = new I18n();

export function t(key: string): string {
  return tables[i18n.language][key as Key] ?? key;
}
