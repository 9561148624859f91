internal import Glibc

/// The process's two text outputs. Results go to `out`, everything else to `error`.
enum Terminal {
    static func out(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// A line of its own.
    static func error(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Text as it is, for a line that is painted over.
    static func paint(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal behind stderr, 80 if unknown.
    static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ text: String, to descriptor: CInt) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                // Nobody reads any more: there is nowhere left to say so.
                return
            }
            bytes = bytes.dropFirst(written)
        }
    }
}
