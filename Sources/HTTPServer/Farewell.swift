internal import CSystem
internal import Glibc

/// An answer that goes out before the request has come in, past libmicrohttpd, and then the close.
///
/// After the answer the client's remaining bytes are read for a while: closing a socket that has unread bytes resets
/// the connection, and the client may lose the answer.
struct Farewell: Sendable {
    enum Step: Equatable {
        /// Go on when one of these events comes, or at the deadline.
        case wait(UInt32)
        case done
    }

    private var bytes: ArraySlice<UInt8>
    private var isSent = false
    /// When patience ends.
    private(set) var deadline: ContinuousClock.Instant
    /// Whether the whole answer was handed to the system.
    var isComplete: Bool { isSent }

    init(_ answer: [UInt8], now: ContinuousClock.Instant) {
        bytes = answer[...]
        deadline = now + .seconds(10)
    }

    /// Writes and reads what can be without waiting.
    mutating func advance(_ socket: CInt, now: ContinuousClock.Instant) -> Step {
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return .wait(UInt32(CSYSTEM_WRITABLE)) }
            guard count > 0 else { return .done }
            bytes = bytes.dropFirst(count)
        }
        if !isSent {
            isSent = true
            deadline = now + .seconds(2)
            guard shutdown(socket, Int32(SHUT_WR)) == 0 else { return .done }
        }
        return drain(socket)
    }

    /// Forgets what the client has sent; a fast one gets no more than 4 MiB a turn.
    private func drain(_ socket: CInt) -> Step {
        unsafe withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            for _ in 0..<64 {
                let count = unsafe recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { break }
                guard count > 0 else { return .done }
            }
            return .wait(UInt32(CSYSTEM_READABLE))
        }
    }

    /// The answer as it stands on the wire, with the connection closed after it. RFC 9112, section 4.
    static func wire(_ status: Status, _ headers: Headers, _ body: [UInt8], isHead: Bool, date: String) -> [UInt8] {
        var text = "HTTP/1.1 \(status) \(status.reason)\r\nDate: \(date)\r\nConnection: close\r\n"
        for field in headers.fields where !field.name.sameIgnoringCase("Connection") {
            text += "\(field.name): \(field.value)\r\n"
        }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return isHead ? Array(text.utf8) : Array(text.utf8) + body
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`. RFC 9110, section 5.6.7.
func httpDate(_ seconds: time_t = time(nil)) -> String {
    var (seconds, parts) = unsafe (seconds, tm())
    unsafe gmtime_r(&seconds, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day =
        unsafe "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
    return unsafe "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
}
