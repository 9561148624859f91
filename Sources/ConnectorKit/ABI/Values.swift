internal import JSON
internal import PluginABI

extension tfc_str {
    /// A copy of the bytes.
    var bytes: [UInt8] {
        // Whoever gives a tfc_str keeps `len` bytes at `ptr` until the call returns.
        unsafe Array(UnsafeRawBufferPointer(start: ptr, count: Int(len)))
    }

    /// A copy as text, with U+FFFD for what is no UTF-8.
    var text: String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: ptr, count: Int(len)), as: UTF8.self)
    }
}

extension tfc_blob {
    /// Where the bytes are; somewhere valid if there are none.
    var start: UnsafePointer<UInt8> {
        // Nobody reads through it when `len` is 0.
        unsafe ptr ?? UnsafePointer(bitPattern: 1).unsafelyUnwrapped
    }
}

extension String {
    /// Lends the text for the duration of a call.
    func withBorrowedText<Result>(_ body: (tfc_str) -> Result) -> Result {
        let bytes = Array(utf8)
        return unsafe bytes.withUnsafeBytes { bytes in
            unsafe body(
                tfc_str(ptr: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), len: UInt64(bytes.count))
            )
        }
    }
}

/// Bytes given to the host: the owner behind a blob or an error, freed when they are released.
@safe
final class GivenBytes {
    let start: UnsafeMutablePointer<UInt8>
    let count: Int

    init(_ bytes: [UInt8]) {
        count = bytes.count
        unsafe start = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        unsafe start.initialize(from: bytes, count: bytes.count)
    }

    deinit {
        unsafe start.deallocate()
    }
}

extension UnsafeMutablePointer<tfc_blob> {
    /// Fills a blob that the caller gave room for.
    func give(_ bytes: [UInt8]) {
        let owner = GivenBytes(bytes)
        unsafe pointee = tfc_blob(
            ptr: UnsafePointer(owner.start),
            len: UInt64(owner.count),
            release: { blob in
                guard let owner = unsafe blob.pointee.owner else { return }
                unsafe Unmanaged<GivenBytes>.fromOpaque(owner).release()
                unsafe blob.pointee = tfc_blob()
            },
            owner: Unmanaged.passRetained(owner).toOpaque()
        )
    }
}

extension UnsafeMutablePointer<tfc_error> {
    /// Fills an error that the caller gave room for, and says its status.
    ///
    /// A caller compiled against a shorter struct gets nothing but the status.
    func give(_ failure: ConnectorFailure) -> tfc_status {
        let status =
            failure.failureClass.rawValue == 0 ? FailureClass.internalError.rawValue : failure.failureClass.rawValue
        guard unsafe pointee.struct_size >= UInt32(MemoryLayout<tfc_error>.size) else { return status }
        let detail = failure.pointer.map { pointer in (["pointer": .string(pointer)] as JSONValue).text } ?? ""
        let texts = [failure.code, failure.message, detail].map { Array($0.utf8) }
        let owner = GivenBytes(Array(texts.joined()))
        var position = 0
        func next(_ bytes: [UInt8]) -> tfc_str {
            defer { position += bytes.count }
            return unsafe UnsafeRawPointer(owner.start + position).withMemoryRebound(
                to: CChar.self,
                capacity: bytes.count
            ) {
                unsafe tfc_str(ptr: $0, len: UInt64(bytes.count))
            }
        }
        unsafe pointee.status = status
        unsafe pointee.retry_after_ms = failure.retryAfter?.milliseconds ?? 0
        unsafe pointee.vendor_code = failure.vendorCode
        unsafe pointee.code = next(texts[0])
        unsafe pointee.message = next(texts[1])
        unsafe pointee.detail_json = next(texts[2])
        unsafe pointee.owner = Unmanaged.passRetained(owner).toOpaque()
        unsafe pointee.release = { error in
            guard let owner = unsafe error.pointee.owner else { return }
            unsafe Unmanaged<GivenBytes>.fromOpaque(owner).release()
            let size = unsafe error.pointee.struct_size
            unsafe error.pointee = tfc_error()
            unsafe error.pointee.struct_size = size
        }
        return status
    }
}
