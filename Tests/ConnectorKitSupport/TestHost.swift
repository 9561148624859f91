internal import CSystem
package import ConnectorKit
internal import Glibc
package import PluginABI
internal import Synchronization

/// A host for connectors in a test: what `tfc_host` offers, in memory.
@safe
package final class TestHost: Sendable {
    private struct State: Sendable {
        var inputs: [(name: String, descriptor: CInt)] = []
        var log: [String] = []
        var secrets: [String: String] = [:]
        var cache: [String: (value: String, expiry: Int64)] = [:]
        var isCancelled = false
        var wiped = 0
        var lent: [LentText] = []
    }

    /// A text that lives as long as its host.
    @safe
    private final class LentText: @unchecked Sendable {
        // Sendable: written once, read only.
        let start: UnsafeMutablePointer<CChar>?
        let count: Int

        init(_ text: String) {
            unsafe start = strdup(text)
            count = text.utf8.count
        }

        deinit {
            unsafe free(start)
        }
    }

    private let state = Mutex(State())

    package init() {}

    deinit {
        for input in state.withLock({ $0.inputs }) { close(input.descriptor) }
    }

    /// Hands in a file of these bytes, last written at the start of 1970, and says its descriptor.
    @discardableResult
    package func handIn(_ bytes: some Collection<UInt8>, as name: String) -> CInt {
        let descriptor = unsafe csystem_memfd(name)
        let bytes = Array(bytes)
        let written = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
        precondition(written == bytes.count)
        setModified(descriptor, seconds: 0)
        state.withLock { $0.inputs.append((name, descriptor)) }
        return descriptor
    }

    /// Makes a file look as if it was last written to then. futimens(3).
    package func setModified(_ descriptor: CInt, seconds: Int) {
        let time = timespec(tv_sec: seconds, tv_nsec: 0)
        let result = unsafe [time, time].withUnsafeBufferPointer { times in
            guard let start = times.baseAddress else { return CInt(-1) }
            return unsafe futimens(descriptor, start)
        }
        precondition(result == 0)
    }

    package var log: [String] { state.withLock { $0.log } }
    /// How many lent blobs came back.
    package var wiped: Int { state.withLock { $0.wiped } }

    package func setSecret(_ name: String, _ value: String?) {
        state.withLock { $0.secrets[name] = value }
    }

    package func secret(_ name: String) -> String? {
        state.withLock { $0.secrets[name] }
    }

    package func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    /// What a connector's methods are given. Keep the host as long.
    package func context() -> OperationContext {
        unsafe OperationContext(host: Self.table, context: pointer)
    }

    /// What stands for this host in the C functions; not retained.
    package var pointer: OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passUnretained(self).toOpaque())
    }

    private static func behind(_ context: OpaquePointer) -> TestHost {
        unsafe Unmanaged<TestHost>.fromOpaque(UnsafeRawPointer(context)).takeUnretainedValue()
    }

    /// The functions; one table for all hosts, never freed.
    package static nonisolated(unsafe) let table: UnsafePointer<tfc_host> = {
        // Written here once, read only ever after.
        let table = UnsafeMutablePointer<tfc_host>.allocate(capacity: 1)
        unsafe table.initialize(
            to: tfc_host(
                struct_size: UInt32(MemoryLayout<tfc_host>.size),
                abi_minor: 0,
                input: { context, name in
                    let name = unsafe text(name)
                    return unsafe behind(context).state.withLock { state in
                        state.inputs.first { $0.name == name }?.descriptor ?? -1
                    }
                },
                inputs: { context in
                    let text = unsafe behind(context).state.withLock { state in
                        let names = state.inputs.map { "\"\($0.name)\"" }
                        let text = LentText("[\(names.joined(separator: ","))]")
                        state.lent.append(text)
                        return text
                    }
                    return unsafe tfc_str(ptr: UnsafePointer(text.start), len: UInt64(text.count))
                },
                log: { context, level, message, fields in
                    let line = unsafe "\(level) \(text(message)) \(text(fields))"
                    unsafe behind(context).state.withLock { $0.log.append(line) }
                },
                cancelled: { context in unsafe behind(context).state.withLock { $0.isCancelled ? 1 : 0 } },
                cancel_descriptor: { _ in 7 },
                secret: { context, name, out in
                    let name = unsafe text(name)
                    guard let value = unsafe behind(context).state.withLock({ $0.secrets[name] }) else { return 4 }
                    unsafe lend(value, out, context)
                    return 0
                },
                secret_update: { context, name, value in
                    let name = unsafe text(name)
                    let value = unsafe text(value)
                    return unsafe behind(context).state.withLock { state in
                        guard state.secrets[name] != nil else { return 4 }
                        // A store that is down.
                        guard value != "refused" else { return 6 }
                        state.secrets[name] = value
                        return 0
                    }
                },
                cache_get: { context, key, out in
                    let key = unsafe text(key)
                    guard let entry = unsafe behind(context).state.withLock({ $0.cache[key] }) else { return 4 }
                    unsafe lend(entry.value, out, context)
                    return 0
                },
                cache_put: { context, key, value, expiry in
                    let key = unsafe text(key)
                    let value = unsafe text(value)
                    unsafe behind(context).state.withLock { $0.cache[key] = (value, expiry) }
                    return 0
                },
                service: { _, _ in nil }
            )
        )
        return unsafe UnsafePointer(table)
    }()

    private static func lend(_ value: String, _ out: UnsafeMutablePointer<tfc_blob>, _ context: OpaquePointer) {
        unsafe out.pointee = tfc_blob(
            ptr: UnsafeRawPointer(strdup(value)).map { unsafe $0.assumingMemoryBound(to: UInt8.self) },
            len: UInt64(value.utf8.count),
            release: { blob in
                guard let owner = unsafe blob.pointee.owner else { return }
                unsafe TestHost.behind(OpaquePointer(owner)).state.withLock { $0.wiped += 1 }
                unsafe free(UnsafeMutablePointer(mutating: blob.pointee.ptr))
                unsafe blob.pointee = tfc_blob()
            },
            owner: UnsafeMutableRawPointer(context)
        )
    }

    package static func text(_ text: tfc_str) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: text.ptr, count: Int(text.len)), as: UTF8.self)
    }
}
