// FaultyDisk: a disk that fails when it is told to, and that knows what a loss of power would
// leave.
//
// While one is there, every database is opened on it. Threads: any.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/store/rocksdb_common.h"

namespace holdfast::testing {

class FaultyDisk {
 public:
  FaultyDisk() : files_(std::make_shared<Files>(state_)), env_(rocksdb::NewCompositeEnv(files_)) {
    UseEnv(env_.get());
  }
  ~FaultyDisk() { UseEnv(nullptr); }

  // The `after`th write, sync, rename, link or removal from now on fails, and all that follow.
  void FailAfter(std::int64_t after, rocksdb::IOStatus with) {
    const std::lock_guard lock(state_->mutex);
    state_->left = after;
    state_->fault = std::move(with);
  }
  void Heal() {
    const std::lock_guard lock(state_->mutex);
    state_->left = -1;
  }
  // What was done since the disk was made.
  std::int64_t done() const {
    const std::lock_guard lock(state_->mutex);
    return state_->done;
  }

  // Copies `from` to the new folder `to` as it would be found after a loss of power now: of every
  // file what was synced, and no more.
  void CopySynced(const std::string& from, const std::string& to) const {
    namespace fs = std::filesystem;
    const std::lock_guard lock(state_->mutex);
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
      const fs::path target = to / fs::relative(entry.path(), from);
      const std::string name = entry.path().filename().string();
      if (entry.is_directory()) {
        fs::create_directories(target);
        continue;
      }
      if (name.starts_with("LOG") || name == "LOCK") continue;
      const auto synced = state_->synced.find(entry.path().string());
      const std::uint64_t size = synced == state_->synced.end() ? 0 : synced->second;
      fs::create_directories(target.parent_path());
      std::string bytes(size, '\0');
      std::ifstream(entry.path(), std::ios::binary).read(bytes.data(), static_cast<long>(size));
      std::ofstream(target, std::ios::binary) << bytes;
    }
  }

 private:
  using IOStatus = rocksdb::IOStatus;
  using Debug = rocksdb::IODebugContext;

  struct State {
    std::mutex mutex;
    std::int64_t done = 0, left = -1;  // until the fault; below 0: none
    IOStatus fault;
    std::map<std::string, std::uint64_t> synced;  // bytes by file

    // To be called with the lock held, before anything is done.
    IOStatus Step() {
      ++done;
      if (left < 0) return IOStatus::OK();
      if (left > 0) --left;
      return left > 0 ? IOStatus::OK() : fault;
    }
  };
  using StatePtr = std::shared_ptr<State>;

  // A name as the folder says it: databases ask for `folder//name` at times.
  static std::string Name(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
  }

  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, StatePtr state)
        : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), state_(state) {}

    IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->Append(data, o, d); }, data.size());
    }
    IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& o,
                    const rocksdb::DataVerificationInfo&, Debug* d) override {
      return Append(data, o, d);
    }
    IOStatus Sync(const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->Sync(o, d); }, 0, true);
    }
    IOStatus Fsync(const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->Fsync(o, d); }, 0, true);
    }
    IOStatus Flush(const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->Flush(o, d); });
    }
    IOStatus Truncate(std::uint64_t size, const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->Truncate(size, o, d); });
    }

   private:
    template <typename Operation>
    IOStatus Do(Operation operation, std::uint64_t appended = 0, bool syncs = false) {
      const std::lock_guard lock(state_->mutex);
      IOStatus status = state_->Step();
      if (status.ok()) status = operation();
      if (!status.ok()) return status;
      size_ += appended;
      if (syncs) state_->synced[name_] = size_;
      return status;
    }

    const std::string name_;
    const StatePtr state_;
    std::uint64_t size_ = 0;
  };

  class Files final : public rocksdb::FileSystemWrapper {
   public:
    explicit Files(StatePtr state)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), state_(std::move(state)) {}
    const char* Name() const override { return "FaultyDisk"; }

    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& o,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* d) override {
      return Make(name, file, [&] { return target()->NewWritableFile(name, o, file, d); });
    }
    IOStatus ReuseWritableFile(const std::string& name, const std::string& old,
                               const rocksdb::FileOptions& o,
                               std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* d) override {
      return Make(name, file, [&] { return target()->ReuseWritableFile(name, old, o, file, d); });
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& o,
                        Debug* d) override {
      return Do([&] { return target()->RenameFile(from, to, o, d); },
                [&] {
                  state_->synced[FaultyDisk::Name(to)] = state_->synced[FaultyDisk::Name(from)];
                  state_->synced.erase(FaultyDisk::Name(from));
                });
    }
    IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& o,
                      Debug* d) override {
      return Do(
          [&] { return target()->LinkFile(from, to, o, d); },
          [&] { state_->synced[FaultyDisk::Name(to)] = state_->synced[FaultyDisk::Name(from)]; });
    }
    IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& o, Debug* d) override {
      return Do([&] { return target()->DeleteFile(name, o, d); },
                [&] { state_->synced.erase(FaultyDisk::Name(name)); });
    }

   private:
    template <typename Operation, typename Then>
    IOStatus Do(Operation operation, Then then) {
      const std::lock_guard lock(state_->mutex);
      IOStatus status = state_->Step();
      if (status.ok()) status = operation();
      if (status.ok()) then();
      return status;
    }
    template <typename Operation>
    IOStatus Make(const std::string& name, std::unique_ptr<rocksdb::FSWritableFile>* file,
                  Operation operation) {
      return Do(operation, [&] {
        state_->synced[FaultyDisk::Name(name)] = 0;
        *file = std::make_unique<File>(std::move(*file), FaultyDisk::Name(name), state_);
      });
    }

    const StatePtr state_;
  };

  const StatePtr state_ = std::make_shared<State>();
  const std::shared_ptr<Files> files_;
  const std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace holdfast::testing
