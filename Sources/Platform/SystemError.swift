internal import CSystem
internal import Glibc

/// A failed system call: which, on what, and errno.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call's name as in its manual page: `open`, `read`.
    package var call: String
    /// The file, descriptor or address it was made on; empty where there is none.
    package var subject: String
    /// The value of errno.
    package var code: Int32

    package init(call: String, subject: String = "", code: Int32 = errno) {
        self.call = call
        self.subject = subject
        self.code = code
    }

    /// The system's sentence for the code, `No such file or directory`.
    package var reason: String {
        unsafe String(cString: csystem_error_text(code))
    }

    package var description: String {
        subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }
}
