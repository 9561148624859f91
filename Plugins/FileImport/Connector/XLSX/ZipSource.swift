internal import CZip
internal import ConnectorKit

/// The file under an archive, as libzip asks for it: positions of its own and pread(2), so that the host's descriptor
/// stays where it is.
///
/// Source: zip_source_function(3).
@safe
final class ZipSource {
    let file: InputFile
    /// What the last read failed with, better said than libzip could.
    private(set) var failure: ConnectorFailure?
    private var position = 0
    private static let statusBytes = unsafe MemoryLayout<zip_stat_t>.size
    // Only numbers are ever set in it: its text, libzip's to free, stays empty.
    private var error = unsafe zip_error_t()

    init(_ file: InputFile) {
        self.file = file
    }

    /// Makes libzip's object, which keeps this one until it is freed; nil if there is no memory.
    func makeSource() -> OpaquePointer? {
        let context = unsafe Unmanaged.passRetained(self)
        let source = unsafe zip_source_function_create(
            { context, data, length, command in
                guard let context = unsafe context else { return -1 }
                let source = unsafe Unmanaged<ZipSource>.fromOpaque(context)
                if command == ZIP_SOURCE_FREE {
                    unsafe source.release()
                    return 0
                }
                return unsafe source.takeUnretainedValue().serve(command, data, Int(length))
            },
            context.toOpaque(),
            nil
        )
        if unsafe source == nil { unsafe context.release() }
        return unsafe source
    }

    private func serve(_ command: zip_source_cmd_t, _ data: UnsafeMutableRawPointer?, _ length: Int) -> zip_int64_t {
        switch command {
        case ZIP_SOURCE_OPEN:
            position = 0
            return 0
        case ZIP_SOURCE_READ:
            return unsafe read(UnsafeMutableRawBufferPointer(start: data, count: length))
        case ZIP_SOURCE_CLOSE:
            return 0
        case ZIP_SOURCE_STAT:
            return unsafe status(data, length)
        case ZIP_SOURCE_ERROR:
            guard let data = unsafe data else { return -1 }
            return unsafe zip_error_to_data(&error, data, zip_uint64_t(length))
        case ZIP_SOURCE_SEEK:
            guard let data = unsafe data else { return -1 }
            let target = unsafe zip_source_seek_compute_offset(
                zip_uint64_t(position),
                zip_uint64_t(file.size),
                data,
                zip_uint64_t(length),
                &error
            )
            guard target >= 0 else { return -1 }
            position = Int(target)
            return 0
        case ZIP_SOURCE_TELL:
            return zip_int64_t(position)
        case ZIP_SOURCE_SUPPORTS:
            return czip_readable_commands()
        default:
            unsafe zip_error_set(&error, ZIP_ER_OPNOTSUPP, 0)
            return -1
        }
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> zip_int64_t {
        do throws(ConnectorFailure) {
            let count = unsafe try file.read(at: position, into: buffer)
            position += count
            return zip_int64_t(count)
        } catch {
            failure = error
            unsafe zip_error_set(&self.error, ZIP_ER_READ, 0)
            return -1
        }
    }

    private func status(_ data: UnsafeMutableRawPointer?, _ length: Int) -> zip_int64_t {
        guard let data = unsafe data, length >= Self.statusBytes else { return -1 }
        let status = unsafe data.assumingMemoryBound(to: zip_stat_t.self)
        unsafe zip_stat_init(status)
        unsafe status.pointee.size = zip_uint64_t(file.size)
        unsafe status.pointee.valid = zip_uint64_t(ZIP_STAT_SIZE)
        return zip_int64_t(Self.statusBytes)
    }
}
