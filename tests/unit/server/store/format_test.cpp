// Files of every format version since the first are opened, migrated and read.
#include "server/store/migrations.h"
#include "tests/unit/server/store/store_fixture.h"

namespace chieng::server {
namespace {

class FormatTest : public ::testing::TestWithParam<std::string> {};

TEST_P(FormatTest, AStoreOfThisVersionOpensAndReads) {
  std::string name = (std::filesystem::temp_directory_path() / "chieng-format-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  std::filesystem::copy(std::filesystem::path(CHIENG_TEST_DATA) / "formats" / GetParam(), folder);
  {
    const auto store = open_store({folder});
    ASSERT_TRUE(store) << store.error().message();
    const auto groups = (*store)->groups(everything(), {}, {});
    ASSERT_TRUE(groups);
    ASSERT_EQ(groups->items.size(), 1U);
    EXPECT_EQ(groups->items[0].count, 12U);
    EXPECT_EQ(groups->items[0].agency.name, "Xã Một");
    const auto events = (*store)->group_events(everything(), groups->items[0].id, {});
    ASSERT_TRUE(events);
    ASSERT_EQ(events->items.size(), 2U);
    EXPECT_NE(events->items[0].json.find("signature_id"), std::string::npos);
    EXPECT_EQ((*store)->group_actions(everything(), groups->items[0].id)->size(), 1U);
    EXPECT_TRUE((*store)->verify_audit());
    EXPECT_EQ((*store)->agents(everything(), now())->size(), 1U);
  }
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Versions, FormatTest, ::testing::Values("server-store-v1"));

TEST(Migrations, RunOnceInOrderAndRefuseWhatIsNewer) {
  std::string name = (std::filesystem::temp_directory_path() / "chieng-migrate-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const Migration steps[] = {{1, "CREATE TABLE a(x);"},
                             {2, "ALTER TABLE a ADD COLUMN y; INSERT INTO a VALUES(1, 2);"}};
  {
    auto file = *sql::Connection::open(folder / "f.db", sql::Connection::Mode::write);
    ASSERT_TRUE(migrate(*file, std::span(steps).first(1), "f"));
    ASSERT_TRUE(migrate(*file, steps, "f"));
    ASSERT_TRUE(migrate(*file, steps, "f"));
    EXPECT_EQ(**file->integer("SELECT count(*) FROM a"), 1);
    const auto newer = migrate(*file, std::span(steps).first(1), "f");
    ASSERT_FALSE(newer);
    EXPECT_EQ(newer.error().code, ErrorCode::unsupported);
    const Migration bad[] = {
        steps[0], steps[1], {3, "INSERT INTO a VALUES(3, 4); CREATE TABLE a(z);"}};
    EXPECT_FALSE(migrate(*file, bad, "f"));
    EXPECT_EQ(**file->integer("SELECT count(*) FROM a"), 1);  // nothing of a step that fails stays
    EXPECT_EQ(**file->integer("PRAGMA user_version"), 2);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace chieng::server
