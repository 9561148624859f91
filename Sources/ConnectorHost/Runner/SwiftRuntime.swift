internal import CSystem
internal import Glibc
internal import Platform

/// The folder with the Swift runtime that this host itself runs on, for connectors written in Swift.
enum SwiftRuntime {
    /// Opened so that it can only be passed on (O_PATH); nil where the host carries the runtime inside itself.
    static func openFolder() throws(SystemError) -> FileDescriptor? {
        guard let path = folder else { return nil }
        return try FileDescriptor.open(path, O_PATH | O_DIRECTORY)
    }

    private static let folder: String? = {
        // dlsym(3) with a null handle searches what is loaded; every Swift program has this function of the runtime.
        guard let symbol = unsafe dlsym(nil, "swift_retain") else { return nil }
        var buffer = [CChar](repeating: 0, count: 4_096)
        let length = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return unsafe csystem_folder_of(symbol, start, buffer.count)
        }
        guard length > 0 else { return nil }
        let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return unsafe access("\(path)/libswiftCore.so", R_OK) == 0 ? path : nil
    }()

    /// open(2): only to be passed on or searched. The Glibc module does not import it.
    private static let O_PATH: CInt = 0o10000000
}
