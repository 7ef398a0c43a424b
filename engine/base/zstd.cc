#include "engine/base/zstd.h"

#include <zstd.h>

#include <new>

#include "engine/base/check.h"

namespace holdfast {
namespace {

ZSTD_CCtx* Writer(void* context) { return static_cast<ZSTD_CCtx*>(context); }
ZSTD_DCtx* Reader(void* context) { return static_cast<ZSTD_DCtx*>(context); }

}  // namespace

ZstdWriter::ZstdWriter() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  // Without a checksum, a changed byte may decompress to different text.
  ZSTD_CCtx_setParameter(Writer(context_), ZSTD_c_checksumFlag, 1);
}
ZstdWriter::~ZstdWriter() { ZSTD_freeCCtx(Writer(context_)); }

void ZstdWriter::Write(std::string_view text, std::string& out) { Step(text, false, out); }
void ZstdWriter::End(std::string& out) { Step({}, true, out); }

void ZstdWriter::Step(std::string_view text, bool end, std::string& out) {
  ZSTD_inBuffer in = {text.data(), text.size(), 0};
  const std::size_t chunk = ZSTD_CStreamOutSize();
  for (bool done = false; !done;) {
    const std::size_t before = out.size();
    out.resize(before + chunk);
    ZSTD_outBuffer to = {out.data() + before, chunk, 0};
    const std::size_t left =
        ZSTD_compressStream2(Writer(context_), &to, &in, end ? ZSTD_e_end : ZSTD_e_continue);
    out.resize(before + to.pos);
    done = end ? left == 0 : in.pos == in.size;
  }
}

ZstdReader::ZstdReader() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}
ZstdReader::~ZstdReader() { ZSTD_freeDCtx(Reader(context_)); }

bool ZstdReader::MayBegin(std::string_view head) {
  constexpr std::string_view kMagic = "\x28\xB5\x2F\xFD";
  return !head.empty() && kMagic.substr(0, head.size()) == head.substr(0, kMagic.size());
}

void ZstdReader::Feed(std::string bytes) {
  HOLDFAST_CHECK(broken_ || taken_ == bytes_.size());
  bytes_ = std::move(bytes);
  taken_ = 0;
}

std::size_t ZstdReader::Next(std::size_t most, std::string& out) {
  ZSTD_inBuffer in = {bytes_.data(), bytes_.size(), taken_};
  const std::size_t before = out.size();
  out.resize(before + most);
  ZSTD_outBuffer to = {out.data() + before, most, 0};
  // Frames may contain blocks that produce no text.
  while (!broken_ && to.pos == 0) {
    const std::size_t taken = in.pos;
    const std::size_t result = ZSTD_decompressStream(Reader(context_), &to, &in);
    broken_ = ZSTD_isError(result) != 0;
    if (!broken_ && (in.pos > taken || to.pos > 0)) whole_ = result == 0;
    if (in.pos == taken && to.pos == 0) break;
  }
  taken_ = in.pos;
  out.resize(before + to.pos);
  return to.pos;
}

}  // namespace holdfast
