// The terminal in the mode of a program that owns the whole screen. Must never be left in it.

import Glibc

/// The terminal without line editing and echo. Calls `tcsetattr(3)`.
struct RawTerminal {
  private let before: termios

  init() throws(ClientError) {
    var settings = termios()
    guard unsafe tcgetattr(0, &settings) == 0 else {
      throw .cannot("watch", "stdin is no terminal", hint: "use --once")
    }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    _ = unsafe tcsetattr(0, TCSANOW, &settings)
  }

  /// As it was: cursor, screen and line editing.
  func restore() {
    var settings = before
    _ = unsafe tcsetattr(0, TCSANOW, &settings)
    let text = Array("\u{1B}[?25h\u{1B}[?1049l".utf8)
    _ = unsafe write(1, text, text.count)
  }

  /// The keys that are pending; arrows as one.
  func keys() -> [TopView.Key] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = unsafe read(0, &bytes, 64)
    // The terminal is gone: as if q were pressed.
    guard count > 0 else { return [.character("q")] }
    return TopView.Key.parse(Array(bytes[..<count]))
  }
}
