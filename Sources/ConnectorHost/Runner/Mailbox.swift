internal import CSystem
internal import Glibc
internal import Platform
internal import Synchronization

/// What other threads tell the thread that watches a runner; wakes it from poll(2).
final class Mailbox: Sendable {
    enum Message: Sendable {
        case cancel
        case abandon
        case broke(ConnectorError)
        case dataEnded
        case answer(id: Int64, Result<[UInt8], ConnectorError>)
    }

    let descriptor: FileDescriptor
    private let messages = Mutex<[Message]>([])

    init() throws(SystemError) {
        let number = csystem_eventfd()
        guard number >= 0 else { throw SystemError(call: "eventfd") }
        descriptor = FileDescriptor(owning: number)
    }

    func post(_ message: Message) {
        messages.withLock { $0.append(message) }
        var one: UInt64 = 1
        // The counter can't overflow: it is emptied each time the watcher wakes.
        _ = unsafe Glibc.write(descriptor.rawValue, &one, 8)
    }

    func takeAll() -> [Message] {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(descriptor.rawValue, &count, 8)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
