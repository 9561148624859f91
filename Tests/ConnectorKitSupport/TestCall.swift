internal import Glibc
package import PluginABI

/// What a C function of a connector said.
package struct CallError: Error, Equatable, Sendable {
    package var status: Int32
    package var code: String
    package var message: String
    package var detail: String
    package var retryAfterMilliseconds: Int64

    package init(status: Int32, code: String, message: String, detail: String, retryAfterMilliseconds: Int64) {
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

/// Calls a connector's table as a host does.
@safe
package struct TestCaller {
    package let table: UnsafePointer<tfc_plugin>

    package init(_ table: UnsafePointer<tfc_plugin>) {
        unsafe self.table = unsafe table
    }

    /// Runs a function that may fill an error, takes the error over, and throws it.
    package func checked(_ body: (UnsafeMutablePointer<tfc_error>) -> Int32) throws(CallError) {
        var error = unsafe tfc_error()
        unsafe error.struct_size = UInt32(MemoryLayout<tfc_error>.size)
        let status = unsafe body(&error)
        guard status != 0 else { return }
        defer { unsafe error.release?(&error) }
        throw unsafe CallError(
            status: status,
            code: TestHost.text(error.code),
            message: TestHost.text(error.message),
            detail: TestHost.text(error.detail_json),
            retryAfterMilliseconds: error.retry_after_ms
        )
    }

    /// Runs a function that fills a blob, and takes it over as text.
    package func text(
        _ body: (UnsafeMutablePointer<tfc_blob>, UnsafeMutablePointer<tfc_error>) -> Int32
    ) throws(CallError) -> String {
        var blob = unsafe tfc_blob()
        unsafe try checked { error in unsafe body(&blob, error) }
        defer { unsafe blob.release?(&blob) }
        return unsafe String(decoding: UnsafeBufferPointer(start: blob.ptr, count: Int(blob.len)), as: UTF8.self)
    }

    /// Lends a text to a function.
    package func lending<Result>(_ text: String, _ body: (tfc_str) -> Result) -> Result {
        let bytes = Array(text.utf8)
        return unsafe bytes.withUnsafeBytes { memory in
            unsafe body(
                tfc_str(ptr: memory.baseAddress?.assumingMemoryBound(to: CChar.self), len: UInt64(memory.count))
            )
        }
    }
}
