internal import COpenSSL

/// AES-128 in CBC mode with PKCS #7 padding. EVP_EncryptInit(3).
enum AES128CBC {
    static func encrypt(_ plaintext: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8] {
        guard let ciphertext = run(plaintext, key: key, iv: iv, encrypts: true) else {
            preconditionFailure("encrypting fails only without memory")
        }
        return ciphertext
    }

    /// nil if the length or the padding is wrong.
    static func decrypt(_ ciphertext: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8]? {
        run(ciphertext, key: key, iv: iv, encrypts: false)
    }

    private static func run(_ input: [UInt8], key: [UInt8], iv: [UInt8], encrypts: Bool) -> [UInt8]? {
        precondition(key.count == 16 && iv.count == 16 && input.count < 1 << 30)
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: input.count + 16)
        var written: CInt = 0
        var rest: CInt = 0
        // Proof: the output holds the input and one block more, which is all that both calls write together.
        let succeeded = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe EVP_CipherInit_ex(context, EVP_aes_128_cbc(), nil, key, iv, encrypts ? 1 : 0) == 1
                && EVP_CipherUpdate(context, output.baseAddress, &written, input, CInt(input.count)) == 1
                && EVP_CipherFinal_ex(context, output.baseAddress.map { unsafe $0 + Int(written) }, &rest) == 1
        }
        // Padding that is wrong leaves an error in the thread's queue.
        ERR_clear_error()
        guard succeeded else { return nil }
        output.removeLast(output.count - Int(written + rest))
        return output
    }
}
